import { change } from './pushed.ts';

/** A column for each type: its values in the stream, and what DuckDB calls the type and prints of them. */
export const TYPED_COLUMNS: readonly (readonly [
    name: string,
    type: string,
    duck: string,
    values: readonly unknown[],
    shown?: readonly string[],
])[] = [
    ['small', 'smallint', 'BIGINT', [0, -32768, 32767]],
    ['big', 'bigint', 'BIGINT', [9007199254740991, -1, 0]],
    ['yes', 'boolean', 'BOOLEAN', [true, false, true]],
    ['price', 'numeric(10,2)', 'DECIMAL(10,2)', [0.1, -12345678.9, 5], ['0.10', '-12345678.90', '5.00']],
    ['whole', 'numeric(9)', 'DECIMAL(9,0)', [999999999, -1, 0]],
    [
        'fine',
        'numeric(15,10)',
        'DECIMAL(15,10)',
        [12345.0123456789, -0.0000000001, 0],
        ['12345.0123456789', '-0.0000000001', '0.0000000000'],
    ],
    ['exact', 'numeric(20,5)', 'DECIMAL(20,5)', ['123456789012345.00001', '-0.00001', '0.00000']],
    [
        'widest',
        'numeric(38,10)',
        'DECIMAL(38,10)',
        ['1234567890123456789012345678.0123456789', '-9999999999999999999999999999.9999999999', '0.0000000000'],
    ],
    ['double', 'double precision', 'DOUBLE', [0.1, 1e300, -5e-324]],
    ['day', 'date', 'DATE', ['2024-02-29', '1583-01-01', '9999-12-31']],
    [
        'at',
        'timestamp without time zone',
        'TIMESTAMP',
        ['2024-02-29 23:59:59.123456', '1901-01-01 00:00:00', '9999-12-31 23:59:59.999999'],
    ],
    [
        'moment',
        'timestamp(3) with time zone',
        'TIMESTAMP WITH TIME ZONE',
        ['2024-02-29 23:59:59.5+00', '1969-12-31 23:59:59.999+00', '2300-01-01 00:00:00+00'],
    ],
    ['bytes', 'bytea', 'BLOB', ['', '00ff', 'c3a4'], ['', '\\x00\\xFF', '\\xC3\\xA4']],
    ['id_text', 'uuid', 'VARCHAR', ['00000000-0000-4000-8000-000000000001', '007', '1e5']],
    ['document', 'jsonb', 'VARCHAR', ['{"a": 0.10}', 'null', '"😀"']],
    ['note', 'text', 'VARCHAR', ['', "it's", '\u2028ä\ud83d\ude00']],
];

/** A number that JavaScript would shorten is written as it is. */
function insertOf(row: number): string {
    const columns = TYPED_COLUMNS.map(([name, type, , values]) => ({ name, type, value: values[row] }));
    const text = change('I', [{ name: 'id', type: 'bigint', value: row + 1 }, ...columns]);
    return text.replace(/("type":"numeric\(\d+,\d+\)","value":)"([^"]+)"/g, '$1$2');
}

const NULLS = change('I', [
    { name: 'id', type: 'bigint', value: 4 },
    ...TYPED_COLUMNS.map(([name, type]) => ({ name, type, value: null })),
]);

/** Three rows, and one of nulls. */
export const TYPED_INSERTS: readonly string[] = [0, 1, 2].map(insertOf).concat(NULLS);
