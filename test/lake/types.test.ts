import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromLakeValue } from '../../src/lake/from-lake-value.ts';
import { MISFIT, toLakeValue } from '../../src/lake/to-lake-value.ts';
import type { ParquetType } from '../../src/parquet/parquet-type.ts';
import { load } from '../support/bench-database.ts';
import { DuckDb } from '../support/duckdb.ts';
import { runProgram } from '../support/elt.ts';
import { change, comparable, lakeRows, pushed, stagedRows, tableOf, transaction, withLake } from './pushed.ts';
import { TYPED_COLUMNS, TYPED_INSERTS } from './typed-rows.ts';

const ROWS = [0, 1, 2];

describe('a column of each type', () => {
    let duck: DuckDb;
    beforeAll(async () => {
        duck = await DuckDb.open();
        await duck.run("set timezone = 'UTC'");
    });
    afterAll(() => duck.close());

    test('is read by DuckDB with its type, value by value, and comes back as SQLite had it', async () => {
        await withLake(async (database, lake) => {
            await load(database, transaction(...TYPED_INSERTS));
            const { tables } = await pushed(database, lake);
            expect(tables).toMatchObject([{ rows: 4, misfits: [] }]);
            const parts = `read_parquet('${join(lake, 'shop/sources/one/stg_item/*.parquet')}')`;
            const names = TYPED_COLUMNS.map(([name]) => `"${name}"`);
            const types = await duck.rows(
                `select ${names.map((name) => `typeof(${name})`).join(', ')} from ${parts} limit 1`,
            );
            expect(types[0]).toEqual(TYPED_COLUMNS.map(([, , type]) => type));
            const rows = await duck.rows(
                `select ${names.map((name) => `${name}::varchar`).join(', ')} from ${parts} order by _seq`,
            );
            const expected = ROWS.map((row) =>
                TYPED_COLUMNS.map(([name, , , values, shown]) =>
                    name === 'double' ? duckDouble(values[row] as number) : (shown?.[row] ?? String(values[row])),
                ),
            );
            expect(rows).toEqual([...expected, TYPED_COLUMNS.map(() => null)]);
            const staged = stagedRows(database, 'stg_item');
            const all = Object.keys(staged[0] ?? {});
            expect(comparable(await lakeRows(lake, 'stg_item'), all)).toEqual(comparable(staged, all));
        });
    });

    test('is read by pyarrow and pandas, value by value', async ({ skip }) => {
        const python = process.env.ELT_PYARROW ?? 'python3';
        const there = await runProgram(python, ['-c', 'import pyarrow, pandas']);
        skip(there.status !== 0, 'no Python with pyarrow and pandas: name one in ELT_PYARROW');
        await withLake(async (database, lake) => {
            await load(database, transaction(...TYPED_INSERTS));
            await pushed(database, lake);
            const ran = await runProgram(python, ['-c', READ_BY_PYTHON, join(lake, 'shop/sources/one/stg_item')]);
            expect(ran.stderr).toBe('');
            const rows = JSON.parse(ran.stdout) as Record<string, string | null>[];
            expect(rows).toHaveLength(4);
            for (const row of ROWS) {
                for (const [name, type, , values, shown] of TYPED_COLUMNS) {
                    expect([name, rows[row]?.[name]]).toEqual([name, pythonText(type, values[row], shown?.[row])]);
                }
            }
            expect(TYPED_COLUMNS.map(([name]) => rows[3]?.[name])).toEqual(TYPED_COLUMNS.map(() => null));
        });
    });

    test('has statistics in each row group, and is compressed', async () => {
        await withLake(async (database, lake) => {
            await load(database, transaction(...TYPED_INSERTS));
            await pushed(database, lake);
            const parts = `'${join(lake, 'shop/sources/one/stg_item/*.parquet')}'`;
            const rows = await duck.rows(
                `select path_in_schema, compression, stats_min_value, stats_max_value, stats_null_count
                from parquet_metadata(${parts}) where path_in_schema in ('_seq', 'price', 'at', 'note') and row_group_id = 0
                order by all`,
            );
            expect(rows).toEqual([
                ['_seq', 'ZSTD', '1', '3', '0'],
                ['at', 'ZSTD', '1901-01-01 00:00:00', '9999-12-31 23:59:59.999999', '0'],
                ['note', 'ZSTD', '', '\u2028ä😀', '0'],
                ['price', 'ZSTD', '-12345678.90', '5.00', '0'],
            ]);
        });
    });
});

/** What Python prints of each value; times as ISO texts. */
const READ_BY_PYTHON = `
import json, sys, decimal, datetime
import pyarrow.dataset as ds
table = ds.dataset(sys.argv[1], format='parquet').to_table()
table.to_pandas()
def text(value):
    if value is None: return None
    if isinstance(value, bytes): return value.hex()
    if isinstance(value, bool): return str(value).lower()
    if isinstance(value, datetime.datetime): return value.isoformat(sep=' ')
    if isinstance(value, float): return repr(value)
    if isinstance(value, decimal.Decimal): return format(value, 'f')
    return str(value)
print(json.dumps([{name: text(value) for name, value in row.items()} for row in table.to_pylist()]))
`;

function pythonText(type: string, value: unknown, shown: string | undefined): string {
    if (type === 'bytea') {
        return String(value);
    }
    if (type.startsWith('timestamp')) {
        const [, whole, fraction, zone] = /^(.{19})(?:\.(\d+))?(\+00)?$/.exec(String(value)) ?? [];
        return `${whole}${fraction === undefined ? '' : `.${fraction.padEnd(6, '0')}`}${zone === undefined ? '' : '+00:00'}`;
    }
    if (type === 'double precision') {
        return value === 1e300 ? '1e+300' : String(value);
    }
    return shown ?? String(value);
}

function duckDouble(value: number): string {
    return value === 1e300 ? '1e+300' : String(value);
}

describe('a value that its type would change', () => {
    const misfits: readonly (readonly [type: ParquetType, value: unknown])[] = [
        ['date', 'infinity'],
        ['date', '0044-03-15 BC'],
        ['date', '2023-02-29'],
        ['date', '1582-10-04'],
        ['date', '12024-01-01'],
        ['timestamp', '2024-01-01 24:00:00'],
        ['timestamp', '2024-01-01 00:00:60'],
        ['timestamp', '2024-01-01 00:00:00.10'],
        ['timestamp', '2024-01-01T00:00:00'],
        ['timestamp', '-infinity'],
        ['timestamp', '1900-12-31 23:59:59'],
        ['timestamptz', '2024-01-01 00:00:00+01'],
        ['timestamptz', '2024-01-01 00:00:00'],
        ['decimal(4,2)', '1.5'],
        ['decimal(4,2)', '123.45'],
        ['decimal(4,2)', '-0.00'],
        ['decimal(4,2)', '01.00'],
        ['decimal(4,2)', 'NaN'],
        ['decimal(4,2)', 1.234],
        ['decimal(4,2)', 100],
        ['decimal(4,2)', Number.POSITIVE_INFINITY],
        ['bytes', 'DEAD'],
        ['bytes', '\\xdead'],
        ['bytes', 'abc'],
        ['boolean', 2n],
    ];
    test.each([...misfits])('%s: %s', (type, value) => {
        expect(toLakeValue(type)(value)).toBe(MISFIT);
    });

    test('any other comes back as it was', () => {
        const kept: readonly (readonly [type: ParquetType, value: unknown, isReal?: boolean])[] = [
            ['decimal(4,2)', '99.99'],
            ['decimal(4,2)', '-0.01'],
            ['decimal(4,2)', 99.99, true],
            ['decimal(4,0)', '-7'],
            ['timestamp', '1969-12-31 23:59:59.000001'],
            ['timestamp', '2255-06-05 23:47:34.740993'],
            ['timestamptz', '9999-12-31 23:59:59.999999+00'],
            ['date', '1583-01-01'],
            ['bytes', ''],
        ];
        for (const [type, value, isReal] of kept) {
            expect([type, fromLakeValue(type, isReal === true)(toLakeValue(type)(value))]).toEqual([type, value]);
        }
    });

    test('makes the column text, in all parts, and says so', async () => {
        await withLake(async (database, lake) => {
            const row = (id: number, at: string, day: string): string =>
                change('I', [
                    { name: 'id', type: 'bigint', value: id },
                    { name: 'at', type: 'timestamp without time zone', value: at },
                    { name: 'day', type: 'date', value: day },
                    { name: 'price', type: 'numeric(6,2)', value: 1.5 },
                ]);
            await load(database, transaction(row(1, '2024-01-01 00:00:00', '2024-01-01')));
            await pushed(database, lake);
            const at = '2024-01-01 12:00:00';
            await load(
                database,
                transaction(row(2, 'infinity', '2024-01-02'), row(3, at, '-infinity'), row(4, at, 'infinity')),
            );
            const { tables } = await pushed(database, lake);
            expect(tables[0]).toMatchObject({
                isAnew: true,
                rows: 4,
                misfits: [
                    { column: 'at', type: 'timestamp', seq: 2, value: 'infinity' },
                    { column: 'day', type: 'date', seq: 3, value: '-infinity' },
                ],
            });
            const { columns, revision } = tableOf(lake, 'stg_item');
            expect(revision).toBe(2);
            expect(columns.map(({ name, type }) => [name, type])).toEqual([
                ['id', 'integer'],
                ['at', 'text'],
                ['day', 'text'],
                ['price', 'decimal(6,2)'],
            ]);
            const rows = stagedRows(database, 'stg_item');
            const names = Object.keys(rows[0] ?? {});
            expect(comparable(await lakeRows(lake, 'stg_item'), names)).toEqual(comparable(rows, names));
            // It stays so without being found again.
            await load(database, transaction(row(5, 'infinity', 'infinity')));
            expect((await pushed(database, lake)).tables).toMatchObject([{ rows: 1, isAnew: false, misfits: [] }]);
        });
    });
});
