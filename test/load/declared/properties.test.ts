import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DeclaredSource, undeclaredSource } from '../../../src/project/declared-source.ts';
import { propertyRuns } from '../../support/properties.ts';
import { readRows } from './read-rows.ts';

const csv: DeclaredSource = { ...undeclaredSource('t'), format: 'csv', delimiter: ',' };
const NAMES = ['a', 'b', 'c'];

const field = fc.oneof(
    fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r\n', 'x', ' ', ';', '\u00e4', '\u{1f600}'), maxLength: 6 }),
    fc.string({ unit: 'binary', maxLength: 4 }),
);

function csvField(text: string, quoted: boolean): string {
    return quoted || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const rows = fc.array(fc.tuple(fc.array(field, { minLength: 3, maxLength: 3 }), fc.boolean(), fc.boolean()), {
    maxLength: 8,
});

/** Rows as CSV text, with bad lines between them; what must be read of it. */
const csvText = fc
    .tuple(rows, fc.array(fc.constantFrom('1,2', 'x,"y"z,1', '1,2,3,4', 'p,q"r,s'), { maxLength: 8 }), fc.boolean())
    .map(([list, bad, ends]) => {
        let text = 'a,b,c\n';
        const expected: Record<string, string>[] = [];
        const rejected: string[] = [];
        for (const [index, [fields, quoted, windows]] of list.entries()) {
            text += `${fields.map((one) => csvField(one, quoted)).join(',')}${windows ? '\r\n' : '\n'}`;
            expected.push(Object.fromEntries(NAMES.map((name, at) => [name, fields[at] as string])));
            if (bad[index] !== undefined) {
                text += `${bad[index]}\n`;
                rejected.push(bad[index]);
            }
        }
        return { text: ends ? text : text.replace(/\r?\n$/, ''), expected, rejected };
    });

test('CSV: every row as it was written, every bad line put aside, in any chunks', () => {
    fc.assert(
        fc.property(csvText, fc.integer({ min: 1, max: 40 }), ({ text, expected, rejected }, chunkBytes) => {
            const read = readRows(csv, Buffer.from(text), { chunkBytes });
            expect(read.rows).toEqual(expected);
            expect(read.places.map((place) => place.bytes)).toEqual(rejected);
        }),
        propertyRuns(500),
    );
});

const jsonValue = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 5 }).map((text) => ({ json: JSON.stringify(text), value: text })),
    fc.constantFrom('1', '-0', '1.50', '1e400', '12345678901234567890123', 'true', '[1, {"a":"]"}]').map((json) => ({
        json,
        value: json,
    })),
);

const jsonLine = fc.oneof(
    {
        weight: 5,
        arbitrary: fc.dictionary(fc.constantFrom(...NAMES), jsonValue).map((members) => ({
            text: `{${Object.entries(members)
                .map(([name, { json }]) => `"${name}": ${json}`)
                .join(', ')}}`,
            row: Object.fromEntries(Object.entries(members).map(([name, { value }]) => [name, value])),
        })),
    },
    { weight: 1, arbitrary: fc.constantFrom('{"a":', '}{', '[]', 'nothing').map((text) => ({ text, row: null })) },
);

test('JSON lines: exact texts, in any chunks, resumed at any row', () => {
    const source: DeclaredSource = {
        ...undeclaredSource('t'),
        format: 'jsonl',
        columns: NAMES.map((name) => ({ name, type: 'text', required: false })),
    };
    fc.assert(
        fc.property(
            fc.array(jsonLine, { maxLength: 10 }),
            fc.integer({ min: 1, max: 40 }),
            fc.nat(),
            (lines, chunk, at) => {
                const bytes = Buffer.from(lines.map((line) => line.text).join('\n'));
                const read = readRows(source, bytes, { chunkBytes: chunk });
                const empty = Object.fromEntries(NAMES.map((name) => [name, null]));
                const expected = lines.flatMap(({ row }) => (row === null ? [] : [{ ...empty, ...row }]));
                expect(read.rows).toEqual(expected);
                expect(read.places.map((place) => place.bytes)).toEqual(
                    lines.filter(({ row }) => row === null).map(({ text }) => text),
                );
                const from = read.ends[at % Math.max(1, read.ends.length)];
                if (from !== undefined) {
                    const rest = readRows(source, bytes, { from, chunkBytes: chunk });
                    const before = lines.slice(0, (at % read.ends.length) + 1);
                    expect(rest.rows).toEqual(expected.slice(before.filter(({ row }) => row !== null).length));
                }
            },
        ),
        propertyRuns(500),
    );
});

test('CSV resumed behind any row reads the rest', () => {
    fc.assert(
        fc.property(csvText, fc.nat(), ({ text }, at) => {
            const bytes = Buffer.from(text);
            const whole = readRows(csv, bytes);
            const from = whole.ends[at % Math.max(1, whole.ends.length)];
            fc.pre(from !== undefined);
            const rest = readRows(csv, bytes, { from });
            const left = whole.ends.length - 1 - (at % whole.ends.length);
            expect(rest.ends.length).toBe(left);
            expect(rest.rows).toEqual(whole.rows.slice(whole.rows.length - rest.rows.length));
            expect(rest.rows.length + rest.rejects.length).toBe(left);
        }),
        propertyRuns(300),
    );
});
