import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NO_REPETITION } from '../../src/core/frame.ts';
import type { StreamEvent } from '../../src/core/stream-event.ts';
import { TableDecoder } from '../../src/decode/rows/table-decoder.ts';
import type { RowType } from '../../src/project/declared-source.ts';
import { rows, SOURCE, VALUES } from '../support/json-rows.ts';
import { propertyRuns } from '../support/properties.ts';

/** A row that is written like one before it is read by its bytes, and must come out as if it were read alone. */

function read(decoder: TableDecoder, text: string): unknown {
    const source = Buffer.from(text);
    const said: unknown[] = [];
    const emit = (event: StreamEvent): void => {
        if (event.kind === 'change') {
            const { shape, values } = event;
            said.push(Object.fromEntries(shape.columns.map(({ name }, index) => [name, values[index]])));
        } else if (event.kind === 'reject') {
            said.push([event.reject.reason, event.reject.detail]);
        }
    };
    const place = { start: 0, end: source.length, offset: 0, record: 1 };
    decoder.decode({ kind: 'record', source, ...place, ...NO_REPETITION }, emit);
    return said;
}

it('a row is read after any others as it is read alone', () => {
    fc.assert(
        fc.property(rows, (texts) => {
            const decoder = new TableDecoder(SOURCE, []);
            for (const text of texts) {
                const after = read(decoder, text);
                const alone = read(new TableDecoder(SOURCE, []), text);
                // Columns that earlier rows have brought are null.
                expect(withoutNulls(after)).toEqual(withoutNulls(alone));
            }
        }),
        propertyRuns(5_000),
    );
});

/** A document in which a piece is missing, there twice, or another one. */
const document = fc
    .tuple(
        fc.oneof(fc.json({ maxDepth: 3 }), fc.constantFrom(...VALUES)),
        fc.nat(),
        fc.nat({ max: 3 }),
        fc.constantFrom(
            '',
            '',
            ' ',
            ',',
            ':',
            '"',
            '\\',
            '\\u00e4',
            '\\u00',
            '{',
            '}',
            '[',
            ']',
            '0',
            '-',
            '.',
            'e',
            '\n',
            'ä',
        ),
    )
    .map(([text, at, length, piece]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + piece + text.slice(place + length);
    });

it('a document after one that is written alike is taken or put aside as it is alone', () => {
    const source = { ...SOURCE, columns: [{ name: 'v', type: 'json', required: false }] } as const;
    fc.assert(
        fc.property(document, (text) => {
            const decoder = new TableDecoder(source, []);
            expect(isScanned(decoder, Buffer.from('{"v": 1}'))).toBe(false);
            const row = `{"v": ${text}}`;
            expect(read(decoder, row)).toEqual(read(new TableDecoder(source, []), row));
        }),
        propertyRuns(5_000),
    );
});

/** Each of them by its bytes, from the second row on. */
const ALIKE: Readonly<Record<string, readonly [type: RowType, ...values: string[]]>> = {
    text: ['text', '"a"', '"ä"', '""', '1.50', 'null'],
    integer: ['integer', '1', '-20', '0', '123456789012345', 'null'],
    numeric: ['numeric', '1', '1.50', '1e5', '123456789012345678901234567890'],
    real: ['real', '1.5', '-0.25', '3'],
    boolean: ['boolean', 'true', 'false', 'null'],
    date: ['date', '"2024-02-29"', '"2023-01-01"'],
    timestamp: ['timestamp', '"2024-02-29T12:30:59Z"', '"2024-02-29 12:30"'],
    json: ['json', '1', '"a"', '"\\ud800"', 'null', 'true', '{"a":[1,{"b":"\\u00e4"}], "c":{}}', '[]'],
    'text that holds a document': ['text', '"a"', '{"a":1}', '[ 1 , 2 ]'],
    uuid: ['uuid', '"0b2f7a7e-1111-4222-8333-0123456789ab"', '"0B2F7A7E-1111-4222-8333-0123456789AB"'],
};

it.each(Object.entries(ALIKE))(
    'values of rows that are written alike are told by their bytes: %s',
    (_, [type, ...values]) => {
        const decoder = new TableDecoder({ ...SOURCE, columns: [{ name: 'v', type, required: false }] }, []);
        const scanned = values.map((value) => isScanned(decoder, Buffer.from(`{"v":${value}}`)));
        expect(scanned).toEqual(values.map((__, index) => index > 0));
    },
);

it('rows of several forms in turn are told by their bytes', () => {
    const decoder = new TableDecoder({ ...SOURCE, columns: [] }, []);
    const forms = ['{"a":1}', '{"b":2,"a":1}', '{"a":1,"b":2}', '{"c":null}'];
    const scanned = [...forms, ...forms, ...forms].map((text) => isScanned(decoder, Buffer.from(text)));
    expect(scanned).toEqual([...forms.map(() => false), ...forms.map(() => true), ...forms.map(() => true)]);
});

it('bytes that are not UTF-8 are for the caller to read', () => {
    const decoder = new TableDecoder({ ...SOURCE, columns: [] }, []);
    const row = (letter: number): Buffer => Buffer.from([...Buffer.from('{"a":"'), letter, ...Buffer.from('"}')]);
    expect([0x61, 0x62, 0xff].map((letter) => isScanned(decoder, row(letter)))).toEqual([false, true, false]);
});

function isScanned(decoder: TableDecoder, source: Buffer): boolean {
    let found = false;
    const place = { start: 0, end: source.length, offset: 0, record: 1 };
    decoder.decode({ kind: 'record', source, ...place, ...NO_REPETITION }, (event) => {
        found ||= event.kind === 'change' && event.scanned !== null;
    });
    return found;
}

function withoutNulls(said: unknown): unknown {
    return JSON.parse(JSON.stringify(said, (_, value) => (value === null ? undefined : value)) as string);
}
