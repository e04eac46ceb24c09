import fc from 'fast-check';
import { expect, it } from 'vitest';

import { frameAll, type SeenFrame } from '../capture/frame-all.ts';
import { propertyRuns } from '../support/properties.ts';
import { changesOf, decodeAll } from './decode-all.ts';
import { NumberSource, parsedExactly } from './parsed-exactly.ts';
import {
    damaged,
    faults,
    format1Records,
    format2Records,
    laidOut,
    layout,
    someFaults,
    someRecords,
} from './wal-arbitrary.ts';

const chunk = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.array(fc.nat({ max: 4000 }), { maxLength: 6 }));

it('any chunking gives the same', () => {
    fc.assert(
        fc.property(
            format1Records,
            layout,
            someFaults,
            chunk,
            fc.constantFrom(60, 1 << 20),
            (records, name, list, size, held) => {
                const source = damaged(laidOut(records, name), list);
                const whole = decodeAll(source, { recordHeldBytesMax: held });
                const pieces = decodeAll(source, { recordHeldBytesMax: held, chunk: size });
                expect(pieces.decoded).toEqual(whole.decoded);
                expect(pieces.error?.facts).toEqual(whole.error?.facts);
            },
        ),
        propertyRuns(300),
    );
});

it('changes recognised by their skeleton are decoded as the others are', () => {
    fc.assert(
        fc.property(someRecords, layout, someFaults, chunk, (records, name, list, size) => {
            const source = damaged(laidOut([...records, ...records], name), list);
            const plain = decodeAll(source, { skeletons: false });
            expect(decodeAll(source).decoded).toEqual(plain.decoded);
            expect(decodeAll(source, { chunk: size }).decoded).toEqual(plain.decoded);
        }),
        propertyRuns(300),
    );
});

it('every layout gives the same changes', () => {
    fc.assert(
        fc.property(someRecords, layout, (records, name) => {
            const expected = changesOf(decodeAll(records.join('\n'), { skeletons: false }).decoded);
            const { decoded, error } = decodeAll(laidOut(records, name));
            expect(error).toBeNull();
            expect(changesOf(decoded)).toEqual(expected);
        }),
        propertyRuns(200),
    );
});

it('decoding format 1 equals JSON.parse of the whole', () => {
    fc.assert(
        fc.property(format1Records, layout, (records, name) => {
            const { decoded } = decodeAll(laidOut(records, name));
            const rows = decoded.flatMap((one) => (one.kind === 'change' ? [one] : []));
            const changes = records.flatMap((record) => (parsedExactly(record) as { change: ParsedChange[] }).change);
            expect(rows.length).toBe(changes.length);
            rows.forEach((row, index) => {
                const change = changes[index] as ParsedChange;
                expect(row.shape).toMatchObject({ op: change.kind, table: change.table });
                expectValues(
                    row.values,
                    row.shape.columns,
                    change.columnnames,
                    change.columntypes,
                    change.columnvalues,
                );
                const { keynames, keytypes, keyvalues } = change.oldkeys ?? {};
                expectValues(row.old, row.shape.oldColumns, keynames, keytypes, keyvalues);
            });
        }),
        propertyRuns(200),
    );
});

it('decoding format 2 equals JSON.parse of the whole', () => {
    fc.assert(
        fc.property(format2Records, layout, (records, name) => {
            const { decoded } = decodeAll(laidOut(records, name));
            const rows = decoded.flatMap((one) => (one.kind === 'change' ? [one] : []));
            const changes = records
                .map((record) => parsedExactly(record) as ParsedRow)
                .filter(({ action }) => 'IUDT'.includes(action));
            expect(rows.length).toBe(changes.length);
            rows.forEach((row, index) => {
                const { action, table, columns = [], identity = [] } = changes[index] as ParsedRow;
                expect(row.shape).toMatchObject({ op: ACTIONS[action], table });
                for (const [values, shape, parsed] of [
                    [row.values, row.shape.columns, columns],
                    [row.old, row.shape.oldColumns, identity],
                ] as const) {
                    const part = (key: 'name' | 'type'): string[] => parsed.map((one) => one[key]);
                    expectValues(
                        values,
                        shape,
                        part('name'),
                        part('type'),
                        parsed.map((one) => one.value),
                    );
                }
            });
        }),
        propertyRuns(200),
    );
});

it('a source resumed at the end of any record gives the rest', () => {
    fc.assert(
        fc.property(someRecords, layout, someFaults, fc.nat(), chunk, (records, name, list, choice, size) => {
            const source = damaged(laidOut(records, name), list);
            const whole = decodeAll(source);
            const ends = whole.seen.flatMap(({ decoded, state }, index) =>
                decoded.kind === 'recordEnd' && !decoded.inTransaction ? [{ decoded, state, index }] : [],
            );
            if (ends.length === 0) {
                return;
            }
            const place = ends[choice % ends.length] as (typeof ends)[number];
            const { offset } = place.decoded;
            const state = JSON.parse(JSON.stringify(place.state));
            const rest = decodeAll(source.subarray(offset), { offset, state, chunk: size });
            expect(rest.decoded).toEqual(whole.decoded.slice(place.index + 1));
            expect(rest.error?.facts).toEqual(whole.error?.facts);
        }),
        propertyRuns(300),
    );
});

it('every byte is in exactly one frame', () => {
    fc.assert(
        fc.property(
            format1Records,
            layout,
            faults,
            chunk,
            fc.constantFrom(60, 1 << 20),
            (records, name, list, size, held) => {
                const source = damaged(laidOut(records, name), list);
                expectAccounted(source, size, held);
            },
        ),
        propertyRuns(100),
    );
});

it('random bytes are accounted for', () => {
    const tokens = fc.constantFrom(
        '{"change":[',
        '{"kind":',
        '{"xid":1,',
        ']}',
        ']',
        '[',
        '{',
        '}',
        '"',
        ',',
        '\n',
        ':',
        '1',
        'x',
        '\\',
        '"a"',
        '.',
    );
    const rubbish = fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(tokens, { maxLength: 60 }).map((parts) => parts.join('')),
    );
    fc.assert(
        fc.property(rubbish, chunk, (source, size) => {
            expectAccounted(Buffer.from(source), size, 1 << 20);
            expect(decodeAll(source, { chunk: size }).decoded).toEqual(decodeAll(source).decoded);
        }),
        propertyRuns(1000),
    );
});

const ACTIONS: Readonly<Record<string, string>> = { I: 'insert', U: 'update', D: 'delete', T: 'truncate' };

interface ParsedRow {
    readonly action: string;
    readonly table: string;
    readonly columns?: { readonly name: string; readonly type: string; readonly value: unknown }[];
    readonly identity?: { readonly name: string; readonly type: string; readonly value: unknown }[];
}

interface ParsedChange {
    readonly kind: string;
    readonly table: string;
    readonly columnnames?: string[];
    readonly columntypes?: string[];
    readonly columnvalues?: unknown[];
    readonly oldkeys?: { readonly keynames: string[]; readonly keytypes: string[]; readonly keyvalues: unknown[] };
}

function expectValues(
    values: readonly unknown[],
    columns: readonly { name: string; type: string | null }[],
    names: readonly string[] = [],
    types: readonly string[] = [],
    parsed: readonly unknown[] = [],
): void {
    expect(columns.map((column) => column.name)).toEqual(names);
    expect(columns.map((column) => column.type)).toEqual(types);
    expect(values.length).toBe(parsed.length);
    values.forEach((value, index) => {
        const [type, expected] = [types[index] as string, parsed[index]];
        if (!(expected instanceof NumberSource)) {
            expect(value).toBe(typeof expected === 'boolean' ? Number(expected) : expected);
        } else if (type === 'numeric') {
            expect(value).toBe(expected.source);
        } else if (type === 'integer' || type === 'bigint') {
            expect(String(value)).toBe(expected.source);
        } else {
            expect(value).toBe(Number(expected.source));
        }
    });
}

function expectAccounted(source: Buffer, size: number | readonly number[], held: number): void {
    const { frames, error } = frameAll(source, size, { recordHeldBytesMax: held });
    const covered = new Uint8Array(source.length);
    let begun = 0;
    for (const frame of frames) {
        if (frame.kind === 'batch') {
            continue;
        }
        if (frame.kind === 'begin') {
            begun = frame.offset;
        }
        if (frame.torn) {
            covered.fill(0, begun);
        }
        for (let at = frame.offset; at < frame.offset + frame.length; at++) {
            covered[at] = (covered[at] as number) + 1;
        }
        expect(textAt(source, frame)).toBe(frame.text);
        if (frame.kind === 'begin') {
            coverKey(source, covered, frame.offset + frame.length);
        }
    }
    expect(covered.findIndex((count) => count > 1)).toBe(-1);
    if (error?.code === 'SOURCE_NOT_JSON') {
        return;
    }
    if (source.subarray(0, 3).equals(Buffer.from('\ufeff'))) {
        covered.fill(1, 0, 3);
    }
    const end = error === null ? source.length : unfinishedFrom(error.facts.where ?? '', source.length);
    for (let at = 0; at < end; at++) {
        if (covered[at] === 0) {
            expect(' \t\r\n,[]').toContain(source.subarray(at, at + 1).toString());
        }
    }
}

function textAt(source: Buffer, frame: SeenFrame): string {
    return source.subarray(frame.offset, frame.offset + frame.length).toString();
}

function coverKey(source: Buffer, covered: Uint8Array, at: number): void {
    const key = /^"change"\s*:/.exec(source.subarray(at).toString('latin1'))?.[0] ?? '';
    expect(key).not.toBe('');
    covered.fill(1, at, at + key.length);
}

/** Where the record began in which the source ended, from the error that says so. */
function unfinishedFrom(where: string, length: number): number {
    const record = /: record \d+ \(byte (\d+)\)/.exec(where)?.[1];
    return record === undefined ? length : Number(record);
}
