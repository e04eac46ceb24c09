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

/** Rows of values, a list of JSON texts each. */
const rowOf = (list: readonly Column[]): fc.Arbitrary<string[]> =>
    fc.tuple(
        ...list.map(({ type }) =>
            fc.oneof(
                { weight: 5, arbitrary: VALUES[type] as fc.Arbitrary<string> },
                { weight: 1, arbitrary: fc.constant('null') },
            ),
        ),
    );

const list = (items: readonly string[]): string => JSON.stringify(items);

function changeOf({ name, columns }: { name: string; columns: readonly Column[] }): fc.Arbitrary<string> {
    const side = (prefix: string): string =>
        `"${prefix}names":${list(columns.map((one) => one.name))},"${prefix}types":${list(columns.map((one) => one.type))},"${prefix}values":`;
    const head = (kind: string): string => `{"kind":"${kind}","schema":"public","table":${JSON.stringify(name)},`;
    return fc
        .tuple(fc.constantFrom('insert', 'pk', 'update', 'delete'), valuesOf(columns), valuesOf(columns))
        .map(([kind, values, old]) => {
            if (kind === 'insert') {
                return `${head(kind)}${side('column')}${values}}`;
            }
            if (kind === 'pk') {
                return `${head('insert')}${side('column')}${values},"pk":{"pknames":["id"],"pktypes":["integer"]}}`;
            }
            if (kind === 'delete') {
                return `${head(kind)}"oldkeys":{${side('key')}${old}}}`;
            }
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

function rowRecordOf({ name, columns }: { name: string; columns: readonly Column[] }): fc.Arbitrary<string> {
    const side = (values: readonly string[]): string =>
        `[${columns.map((one, index) => `{"name":${JSON.stringify(one.name)},"type":"${one.type}","value":${values[index]}}`).join(',')}]`;
    const head = (action: string, xid: number): string => {
        const place = xid % 2 === 0 ? `"xid":${xid},"lsn":"0/${xid.toString(16)}",` : '';
        return `{"action":"${action}",${place}"schema":"public","table":${JSON.stringify(name)}`;
    };
    return fc
        .tuple(fc.constantFrom('I', 'U', 'D', 'T'), fc.nat({ max: 99 }), rowOf(columns), rowOf(columns))
        .map(([action, xid, values, old]) => {
            if (action === 'I') {
                return `${head(action, xid)},"columns":${side(values)},"pk":[]}`;
            }
            if (action === 'U') {
                return `${head(action, xid)},"columns":${side(values)},"identity":${side(old)}}`;
            }
            return action === 'D' ? `${head(action, xid)},"identity":${side(old)}}` : `${head(action, xid)}}`;
        });
}

/** A few tables, and transactions of their changes in format 2, as JSON texts. */
export const format2Records: fc.Arbitrary<string[]> = fc
    .array(table, { minLength: 1, maxLength: 2 })
    .chain((tables) => {
        const changes = fc.array(fc.oneof(...tables.map(rowRecordOf)), { maxLength: 3 });
        const transaction = fc.tuple(fc.nat(), changes).map(([xid, records]) => {
            const members = `"xid":${xid},"timestamp":"2026-11-20 16:37:13.31${xid}+00","nextlsn":"0/${xid.toString(16)}"`;
            return [`{"action":"B",${members}}`, ...records, `{"action":"C",${members}}`];
        });
        return fc.array(transaction, { minLength: 1, maxLength: 4 }).map((transactions) => transactions.flat());
    });

/** Records of one format, or of both in one source. */
export const someRecords: fc.Arbitrary<string[]> = fc.oneof(
    { weight: 2, arbitrary: format1Records },
    { weight: 2, arbitrary: format2Records },
    { weight: 1, arbitrary: fc.tuple(format1Records, format2Records).map((both) => both.flat()) },
);

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
        if (kind === 'change') {
            bytes = Buffer.concat([before, Buffer.from([byte]), behind.subarray(1)]);
        } else if (kind === 'remove') {
            bytes = Buffer.concat([before, behind.subarray(length)]);
        } else if (kind === 'insert') {
            bytes = Buffer.concat([before, Buffer.from([byte]), behind]);
        } else if (kind === 'double') {
            bytes = Buffer.concat([before, middle, middle, behind.subarray(length)]);
        } else {
            bytes = Buffer.from(before);
        }
    }
    return Buffer.from(bytes.toString('utf8'));
}

/** The records in the layout of that name. */
export const laidOut = (records: readonly string[], name: string): string =>
    (LAYOUTS[name] as (records: readonly string[]) => string)(records);

/** Sound sources three times out of four. */
export const someFaults = fc.oneof(
    { weight: 1, arbitrary: fc.constant<Fault[]>([]) },
    { weight: 3, arbitrary: faults },
);
