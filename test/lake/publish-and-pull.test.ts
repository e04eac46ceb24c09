import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
    abandonRun,
    type BegunRun,
    beginRun,
    publishRun,
    type RunTable,
    readCurrent,
} from '../../src/lake/published-runs.ts';
import { pullMart } from '../../src/lake/pull-mart.ts';
import { unfilledMarts } from '../../src/serve/answers/unfilled-marts.ts';
import { closeDatabase, type Database } from '../../src/sqlite/database.ts';
import { load, migratedDatabase, projectFiles, runTransform } from '../support/bench-database.ts';
import { DuckDb } from '../support/duckdb.ts';
import { elt, PROJECT, workFolder } from '../support/elt.ts';

let duck: DuckDb;
let lake: string;

beforeAll(async () => {
    duck = await DuckDb.open();
    await duck.run("set timezone = 'UTC'");
});
afterAll(() => duck.close());
beforeEach(() => {
    lake = workFolder();
});

/** Writes a file of a table as an engine does: Parquet that is not ours. */
async function write(begun: BegunRun, table: string, select: string, file = 'part-0', options = ''): Promise<void> {
    mkdirSync(join(begun.folder, table), { recursive: true });
    await duck.run(`copy (${select}) to '${join(begun.folder, table, file)}.parquet' (format parquet${options})`);
}

const mart = (table: string): RunTable => ({ table, kind: 'mart', columns: [] });
const RESULT = { engine: 'duckdb', wholeSeq: { one: 7 } };

async function published(select: string, at?: Date): Promise<BegunRun> {
    const begun = beginRun(lake, 'payments', at);
    await write(begun, 'totals', select);
    await publishRun(begun, { ...RESULT, tables: [mart('totals')] });
    return begun;
}

const code = (wanted: string) => expect.objectContaining({ facts: expect.objectContaining({ code: wanted }) });

describe('a run', () => {
    test('is read once the pointer names it, with its files, rows and what it had taken in', async () => {
        const begun = beginRun(lake, 'payments');
        expect(readCurrent(lake, 'payments')).toBeUndefined();
        await write(begun, 'totals', 'select 1 as a');
        await write(begun, 'totals', 'select 2 as a union all select 3', 'part-1');
        writeFileSync(join(begun.folder, 'totals', '_SUCCESS'), '');
        writeFileSync(join(begun.folder, 'totals', '._part.parquet'), '');
        expect(readCurrent(lake, 'payments')).toBeUndefined();
        await publishRun(begun, { ...RESULT, tables: [mart('totals')] });
        expect(readCurrent(lake, 'payments')).toMatchObject({
            ...RESULT,
            run: begun.run,
            tables: [{ table: 'totals', rows: 3, files: ['totals/part-0.parquet', 'totals/part-1.parquet'] }],
        });
    });

    test('that lacks a table publishes nothing', async () => {
        const first = await published('select 1 as a');
        const begun = beginRun(lake, 'payments');
        await write(begun, 'totals', 'select 2 as a');
        const tables = [mart('totals'), mart('revenue')];
        await expect(publishRun(begun, { ...RESULT, tables })).rejects.toEqual(code('LAKE_DAMAGED'));
        expect(readCurrent(lake, 'payments')?.run).toBe(first.run);
        abandonRun(begun);
        expect(readdirSync(join(lake, 'payments', 'runs'))).toEqual([first.run]);
    });

    test('of Sail has no file for a table without rows, which is pulled as one', async () => {
        await published('select 1 as a');
        const begun = beginRun(lake, 'payments');
        await write(begun, 'totals', 'select 2 as a');
        const revenue = { ...mart('revenue'), columns: [{ name: 'cents', sqliteType: 'INTEGER' as const }] };
        await publishRun(begun, { ...RESULT, engine: 'sail', tables: [mart('totals'), revenue] });
        expect(readCurrent(lake, 'payments')?.tables.map(({ files, rows }) => [files.length, rows])).toEqual([
            [1, 1],
            [0, 0],
        ]);
        await withFile(async (database) => {
            expect((await pulled(database, 'revenue')).rows).toBe(0);
            expect(rowsOf(database, 'select cents from revenue')).toEqual([]);
        });
    });

    test('that another one has overtaken publishes nothing', async () => {
        const slow = beginRun(lake, 'payments');
        await write(slow, 'totals', 'select 1 as a');
        const fast = await published('select 2 as a');
        await expect(publishRun(slow, { ...RESULT, tables: [mart('totals')] })).rejects.toEqual(
            code('LAKE_TAKEN_OVER'),
        );
        expect(readCurrent(lake, 'payments')?.run).toBe(fast.run);
    });

    test('removes the dead ones and the old ones before it, and none that began later', async () => {
        const at = (hour: number): Date => new Date(Date.UTC(2026, 10, 30, hour));
        const dead = beginRun(lake, 'payments', at(1));
        await write(dead, 'totals', 'select 0 as a');
        const runs: string[] = [];
        for (const hour of [2, 3, 4]) {
            runs.push((await published(`select ${hour} as a`, at(hour))).run);
        }
        const later = beginRun(lake, 'payments', at(9));
        await write(later, 'totals', 'select 9 as a');
        expect(existsSync(dead.folder)).toBe(false);
        runs.push((await published('select 5 as a', at(5))).run);
        expect(readdirSync(join(lake, 'payments', 'runs')).sort()).toEqual([...runs.slice(1), later.run]);
    });

    test('a pointer that cannot be read is an error, not nothing', async () => {
        await published('select 1 as a');
        writeFileSync(join(lake, 'payments', 'current.json'), '{"format"');
        expect(() => readCurrent(lake, 'payments')).toThrow(code('LAKE_DAMAGED'));
    });
});

async function withFile(work: (database: Database) => Promise<void>): Promise<void> {
    const database = await migratedDatabase('payments', join(workFolder(), 'served.db'));
    try {
        await work(database);
    } finally {
        closeDatabase(database);
    }
}

const pulled = (database: Database, name = 'totals', isReplaced = false) =>
    pullMart(database, { lake, pipeline: 'payments', mart: name, isReplaced, breathe: async () => undefined });
const rowsOf = (database: Database, sql: string): unknown[][] =>
    database.prepare(sql).raw().safeIntegers().all() as unknown[][];

const VALUES = `select * from (values
    (1::bigint, true, 0.1::double, '007', 1.10::decimal(10,2), 12345678901234567890.10::decimal(38,2),
        timestamp '2024-02-29 23:59:59.5', date '2024-02-29', 'x' || chr(8232) || '😀', '\\xDE\\xAD'::blob),
    (9223372036854775807, false, 1e300, '', -99999999.99, -0.01, timestamp '1969-12-31 23:59:59.000001', date '1969-12-31', '1e5', ''),
    (-9223372036854775808, null, null, null, null, null, null, null, null, null)
) as rows (big, yes, number, words, price, exact, moment, day, odd, bytes)`;

const SQLITE_VALUES = [
    [1n, 1n, 0.1, '007', 1.1, '12345678901234567890.10', '2024-02-29 23:59:59.5', '2024-02-29', 'x\u2028😀', 'dead'],
    [9223372036854775807n, 0n, 1e300, '', -99999999.99, '-0.01', '1969-12-31 23:59:59.000001', '1969-12-31', '1e5', ''],
    [-9223372036854775808n, ...Array(9).fill(null)],
];

describe('a mart that is pulled', () => {
    test.each(['snappy', 'zstd', 'gzip', 'uncompressed'])('has exact values, from %s', async (codec) => {
        const begun = beginRun(lake, 'payments');
        await write(begun, 'totals', VALUES, 'part-0', `, compression ${codec}, row_group_size 2048`);
        await write(begun, 'totals', `${VALUES} where false`, 'part-1', `, compression ${codec}`);
        await publishRun(begun, { ...RESULT, tables: [mart('totals')] });
        await withFile(async (database) => {
            expect(await pulled(database)).toMatchObject({ rows: 3, isNew: true });
            expect(rowsOf(database, 'select * from totals')).toEqual(SQLITE_VALUES);
            expect(rowsOf(database, "select lower(type) from pragma_table_info('totals')").flat()).toEqual([
                'integer',
                'integer',
                'real',
                'text',
                'real',
                'text',
                'text',
                'text',
                'text',
                'text',
            ]);
            expect(await pulled(database)).toMatchObject({ rows: 3, isNew: false });
        });
    });

    test('replaces the rows of the run before, in the columns of the table that a migration has created', async () => {
        const row = (id: string, amount: number): string =>
            `select '${id}' as event_id, ${amount}::bigint as amount, ${METRICS.map((name) => `null::varchar as ${name}`).join(', ')}`;
        const publish = async (select: string): Promise<void> => {
            const begun = beginRun(lake, 'payments');
            await write(begun, 'metrics', select);
            await publishRun(begun, { ...RESULT, tables: [mart('metrics')] });
        };
        await publish(`${row('a', 1)} union all ${row('b', 2)}`);
        await withFile(async (database) => {
            const sqlFolder = join(PROJECT, 'sql');
            expect(unfilledMarts(database, sqlFolder, 'payments')).toContain('metrics');
            await pulled(database, 'metrics');
            expect(rowsOf(database, 'select event_id, amount from metrics order by 1')).toEqual([
                ['a', 1n],
                ['b', 2n],
            ]);
            expect(unfilledMarts(database, sqlFolder, 'payments')).not.toContain('metrics');
            await publish(row('c', 3));
            await pulled(database, 'metrics');
            expect(rowsOf(database, 'select event_id, amount from metrics')).toEqual([['c', 3n]]);
        });
    });

    test('that is interrupted or does not fit leaves what was there', async () => {
        await published('select 1::bigint as a, 2::bigint as b');
        await withFile(async (database) => {
            await pulled(database);
            await published("select 'x' as a, 2::bigint as c");
            await expect(pulled(database)).rejects.toEqual(code('PULL_REFUSED'));
            expect(rowsOf(database, 'select * from totals')).toEqual([[1n, 2n]]);
            await published('select 3::bigint as a, 4::bigint as b');
            const stop = async (): Promise<void> => {
                throw new Error('stopped');
            };
            const request = { lake, pipeline: 'payments', mart: 'totals', isReplaced: false, breathe: stop };
            await expect(pullMart(database, request)).rejects.toThrow('stopped');
            expect([database.inTransaction, rowsOf(database, 'select * from totals')]).toEqual([false, [[1n, 2n]]]);
        });
    });

    test('that is kept up to date here is refused; --replace gives its rows up, and the next local run fills it', async () => {
        const begun = beginRun(lake, 'payments');
        const columns = METRICS.map((name) => `'x' as ${name}`).join(', ');
        await write(begun, 'metrics', `select 'pulled' as event_id, 5::bigint as amount, ${columns}`);
        await publishRun(begun, { ...RESULT, tables: [mart('metrics')] });
        const sample = await elt(['sample', 'payments', '--records', '300']);
        await withFile(async (database) => {
            await load(database, sample.stdout);
            await runTransform(database, projectFiles('payments'));
            const before = rowsOf(database, 'select * from metrics order by event_id');
            expect(before.length).toBeGreaterThan(10);
            await expect(pulled(database, 'metrics')).rejects.toEqual(code('PULL_REFUSED'));
            expect(rowsOf(database, 'select * from metrics order by event_id')).toEqual(before);
            expect(await pulled(database, 'metrics', true)).toMatchObject({ rows: 1 });
            expect(rowsOf(database, 'select event_id, amount from metrics')).toEqual([['pulled', 5n]]);
            await runTransform(database, projectFiles('payments'));
            expect(rowsOf(database, 'select * from metrics order by event_id')).toEqual(before);
        });
    });

    test('by the command, into a file that it creates; nothing is created where nothing is published', async () => {
        const folder = workFolder();
        const words = ['--db', 'served.db', 'lake', 'pull', '--from', lake];
        const none = await elt(words, { cwd: folder });
        expect([none.status, existsSync(join(folder, 'served.db'))]).toEqual([2, false]);
        expect(none.stderr).toContain('LAKE_MISSING');
        const begun = await published('select 1::bigint as a');
        const ran = await elt(words, { cwd: folder });
        expect(ran.stdout).toContain(`pulled  totals: 1 row of the run ${begun.run}`);
        const again = await elt([...words, 'totals'], { cwd: folder });
        expect(again.stdout).toContain('pulled  totals: nothing new');
        const wrong = await elt([...words, 'total'], { cwd: folder });
        expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('totals')]);
        rmSync(folder, { recursive: true });
    });
});

/** The text columns of metrics beside its key. */
const METRICS = [
    'flow_id',
    'created_at',
    'transaction_lifecycle_event',
    'decline_reason',
    'decline_type',
    'payment_method',
    'transaction_id',
    'transaction_type',
    'currency_code',
    'processor_merchant_account_id',
    'three_d_secure_authentication',
    'payment_instrument_type',
    'customer_id',
];
