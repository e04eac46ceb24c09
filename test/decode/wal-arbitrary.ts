import fc from 'fast-check';

/** Sources of changes for properties: hostile texts, long numbers, every way to lay records out. */

const HOSTILE = [
    ']}]}',
    ']},{"kind":"insert"',
    '{"change":[',
    '"}]}',
    '\\',
    '"',
    '\n',
    '{"a": [{"b": "c]}]}"}]}',
    '\u2028',
    '😀',
    'é',
    '\u0000',
    '],"oldkeys":{"keynames":["a"],"keyvalues":[',
    '007',
    '1e5',
    '',
    '[',
    '}',
    '{"kind":',
    '\t',
    '\\u0041',
];

const text = fc.oneof(
    fc
        .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 4 })), { maxLength: 3 })
        .map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 6 }),
);

/** A value as JSON text, for each type. */
const VALUES: Record<string, fc.Arbitrary<string>> = {
    integer: fc.integer().map(String),
    bigint: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    numeric: fc.tuple(fc.bigInt(), fc.nat({ max: 999 })).map(([whole, part]) => `${whole}.${part}0`),
    'numeric(10,2)': fc.integer({ min: -99999, max: 99999 }).map((cents) => (cents / 100).toFixed(2)),
    'double precision': fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
    boolean: fc.boolean().map(String),
    text: text.map((value) => JSON.stringify(value)),
    jsonb: fc.json().map((value) => JSON.stringify(value)),
};

interface Column {
    readonly name: string;
    readonly type: string;
}

const NAMES = ['id', 'a', 'b"c', 'ü', 'values', 'kind'];
const column: fc.Arbitrary<Column> = fc.record({
    name: fc.constantFrom(...NAMES),
    type: fc.constantFrom(...Object.keys(VALUES)),
});
const columns = fc.uniqueArray(column, { minLength: 1, maxLength: 4, selector: ({ name }) => name });

/** Tables are few, so that heads repeat. */
const table = fc.record({ name: fc.constantFrom('t', 'u', 'Ü "x"'), columns });

const valuesOf = (list: readonly Column[]): fc.Arbitrary<string> =>
    fc
        .tuple(
            ...list.map(({ type }) =>
                fc.oneof(
                    { weight: 5, arbitrary: VALUES[type] as fc.Arbitrary<string> },
                    { weight: 1, arbitrary: fc.constant('null') },
                ),
            ),
        )
        .map((values) => `[${values.join(',')}]`);

const list = (items: readonly string[]): string => JSON.stringify(items);

function changeOf({ name, columns }: { name: string; columns: readonly Column[] }): fc.Arbitrary<string> {
    const side = (prefix: string): string =>
        `"${prefix}names":${list(columns.map((one) => one.name))},"${prefix}types":${list(columns.map((one) => one.type))},"${prefix}values":`;
    const head = (kind: string): string => `{"kind":"${kind}","schema":"public","table":${JSON.stringify(name)},`;
    return fc
        .tuple(fc.constantFrom('insert', 'pk', 'update', 'delete'), valuesOf(columns), valuesOf(columns))
        .map(([kind, values, old]) => {
            if (kind === 'insert') return `${head(kind)}${side('column')}${values}}`;
            if (kind === 'pk')
                return `${head('insert')}${side('column')}${values},"pk":{"pknames":["id"],"pktypes":["integer"]}}`;
            if (kind === 'delete') return `${head(kind)}"oldkeys":{${side('key')}${old}}}`;
            return `${head(kind)}${side('column')}${values},"oldkeys":{${side('key')}${old}}}`;
        });
}

/** A few tables, and records of their changes in format 1, as JSON text. */
export const format1Records: fc.Arbitrary<string[]> = fc
    .array(table, { minLength: 1, maxLength: 2 })
    .chain((tables) => {
        const change = fc.oneof(...tables.map(changeOf));
        const record = fc
            .tuple(fc.boolean(), fc.nat(), fc.array(change, { maxLength: 4 }))
            .map(([head, xid, changes]) => {
                const members = head ? `"xid":${xid},"nextlsn":"0/${xid.toString(16)}",` : '';
                return `{${members}"change":[${changes.join(',')}]}`;
            });
        return fc.array(record, { minLength: 1, maxLength: 8 });
    });

/** White space between all tokens; numbers stay as they are. */
function prettyPrinted(record: string): string {
    return record.replace(
        /("(?:[^"\\]|\\.)*")|([{}[\],:])/g,
        (_, string: string | undefined, token: string) => string ?? `\n\t${token} `,
    );
}

/** The same records laid out in every way. */
export const LAYOUTS: Readonly<Record<string, (records: readonly string[]) => string>> = {
    array: (records) => `[${records.join(', ')}]`,
    lines: (records) => records.map((record) => `${record}\n`).join(''),
    concatenated: (records) => records.join(''),
    batches: (records) => `[${records.map((record) => `[${record}]`).join(',\n')}]`,
    pretty: (records) => records.map(prettyPrinted).join('\n'),
    chunks: (records) => records.map((record) => `${record.replace('"change":[', '$&\n')}\n`).join(''),
    mixture: (records) => `[${records.slice(0, 2).join(',')}]\n${records.slice(2).join('\n')}`,
};

export const layout: fc.Arbitrary<string> = fc.constantFrom(...Object.keys(LAYOUTS));

/** One fault: bytes changed, left out, doubled, put in, or the end cut off. */
const fault = fc.record({
    kind: fc.constantFrom('change', 'remove', 'insert', 'double', 'cut'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 1, max: 40 }),
    byte: fc.oneof(fc.constantFrom(...Buffer.from('"\\{}[],:\n 1a')), fc.integer({ min: 0, max: 127 })),
});

export type Fault = typeof fault extends fc.Arbitrary<infer T> ? T : never;

export const faults: fc.Arbitrary<Fault[]> = fc.array(fault, { minLength: 1, maxLength: 3 });

/** `source` with the faults; always UTF-8, since a source is checked before it is framed. */
export function damaged(source: string, list: readonly Fault[]): Buffer {
    let bytes = Buffer.from(source);
    for (const { kind, at, length, byte } of list) {
        const place = Math.floor(at * bytes.length);
        const [before, behind] = [bytes.subarray(0, place), bytes.subarray(place)];
        const middle = behind.subarray(0, length);
        if (kind === 'change') bytes = Buffer.concat([before, Buffer.from([byte]), behind.subarray(1)]);
        else if (kind === 'remove') bytes = Buffer.concat([before, behind.subarray(length)]);
        else if (kind === 'insert') bytes = Buffer.concat([before, Buffer.from([byte]), behind]);
        else if (kind === 'double') bytes = Buffer.concat([before, middle, middle, behind.subarray(length)]);
        else bytes = Buffer.from(before);
    }
    return Buffer.from(bytes.toString('utf8'));
}
