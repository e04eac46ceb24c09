import { spawn } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SqlStatement, splitStatements } from '../../src/sql/statements.ts';
import { type Database, openDatabase } from '../../src/sqlite/database.ts';
import { testsOf } from '../../src/transform/built-in-tests.ts';
import { planTransform } from '../../src/transform/plan/plan-transform.ts';
import { close, migratedDatabase, projectFiles } from '../support/bench-database.ts';
import { CLI, elt, NODE, PROJECT, runProgram, workFolder } from '../support/elt.ts';
import { growingScans } from '../support/growing-scans.ts';
import { historyLines } from '../support/history.ts';
import { PAYMENTS_TABLES } from '../support/payments-model.ts';

/** Promise 7: memory does not grow with the input; the cost of a run does not grow with the history. */

const SOURCE_BYTES_MIN = 200_000_000;
const RECORDS = 140_000;
const RSS_KB_MAX = 150 * 1024;

/** Prints the most memory that the process ever had resident, in KiB. */
const WATCH =
    'data:text/javascript,process.on("exit",()=>process.stderr.write("maxRSS "+process.resourceUsage().maxRSS+"\\n"))';

/** The folder of the database with that source. */
let cwd = '';

test(`a source of ${SOURCE_BYTES_MIN / 1e6} MB loads within 150 MB`, async () => {
    cwd = workFolder();
    expect((await elt(['migrate'], { cwd })).status).toBe(0);
    const sample = spawn(NODE, [CLI, 'sample', 'payments', '--records', String(RECORDS)], { cwd });
    const child = spawn(NODE, ['--import', WATCH, CLI, '--pipeline', 'payments', 'load', '-', '--json'], { cwd });
    let bytes = 0;
    sample.stdout.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
    });
    sample.stdout.pipe(child.stdin, { end: true });
    const out: string[] = [];
    const err: string[] = [];
    child.stdout.on('data', (chunk) => out.push(String(chunk)));
    child.stderr.on('data', (chunk) => err.push(String(chunk)));
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect([status, err.join('').replace(/\d+/, 'n')]).toEqual([0, 'maxRSS n\n']);
    expect(bytes).toBeGreaterThan(SOURCE_BYTES_MIN);
    expect(JSON.parse(out.join('')).loads[0]).toMatchObject({ records: RECORDS, changes: RECORDS, bytes });
    expect(maxRss(err.join(''))).toBeLessThan(RSS_KB_MAX);
}, 180_000);

/** Half of what the largest table takes, which must not be in memory, above what a process needs that reads nothing. */
const FILL_KB_MAX = 115 * 1024;

test('its models are filled, filled again, again after an edit, and compared row by row, in memory that does not grow', async () => {
    const project = join(cwd, 'project');
    for (const folder of ['migrations', 'sql/payments']) {
        cpSync(join(PROJECT, folder), join(project, folder), { recursive: true });
    }
    writeFileSync(
        join(project, 'sql', 'payments', 'marts', 'requests.sql'),
        `-- row: one payment event with what was sent, and how many payments there are
-- key: event_id
-- why: a mart whose rows all change with each payment

select
    event_id,
    third_party_request,
    third_party_response,
    (select count(*) from current_transaction) as payments
from current_event_v2_data;
`,
    );
    const peak = async (...words: string[]): Promise<number> => {
        const all = ['--import', WATCH, CLI, '--pipeline', 'payments', '--project', project, '--quiet', ...words];
        const { status, stderr } = await runProgram(NODE, all, { cwd });
        expect([words, status, stderr.replace(/maxRSS.*\n/, '')]).toEqual([words, 0, '']);
        return maxRss(stderr);
    };
    const peaks = [await peak('transform'), await peak('rebuild')];
    const fold = join(project, 'sql', 'payments', 'upkeep', 'current_event_v2_data.sql');
    writeFileSync(fold, `${readFileSync(fold, 'utf8')}\nselect 1;\n`);
    peaks.push(await peak('transform'));
    for (const seed of ['2', '3']) {
        const { stdout } = await elt(['sample', 'payments', '--records', '100', '--seed', seed]);
        writeFileSync(join(cwd, `more-${seed}.json`), stdout);
        // A run of few changes has a larger cache.
        peaks.push((await peak('run', `more-${seed}.json`)) - 24 * 1024);
    }
    expect(peaks.filter((kb) => kb > FILL_KB_MAX)).toEqual([]);
}, 180_000);

function maxRss(stderr: string): number {
    return Number(/maxRSS (\d+)/.exec(stderr)?.[1]);
}

/** A few rows for every staging table of a pipeline, so that each of its models has run. */
const SOURCES: Readonly<Record<string, Readonly<Record<string, () => Promise<string>>>>> = {
    payments: { 'wal.json': async () => (await elt(['sample', 'payments', '--records', '2000'])).stdout },
    payments_v1: {
        'wal.jsonl': async () => historyLines(PAYMENTS_TABLES, { transactions: [], steps: [] }).lines.join('\n'),
    },
    game: {
        'exchange_rates.jsonl': async () => '{"currency": "EUR", "rate_to_usd": "1.3"}\n',
        'events.jsonl': async () => (await elt(['sample', 'game', '--records', '500'])).stdout,
    },
    cash_flow: {
        'cash_ins.json': async () => JSON.stringify([CASH]),
        'cash_outs_created.json': async () => JSON.stringify([CASH]),
        'cash_outs_processed.json': async () => JSON.stringify([CASH]),
        'cash_outs_refunded.json': async () => JSON.stringify([CASH]),
    },
    card_spend: {
        'combined_transactions.csv': async () =>
            'user_id,transaction_type,merchant_type_code,amount_cents,datetime\n31373,PurchaseActivity,5310,107700,2023-04-15T12:04:02.61636\n',
    },
};
const CASH = {
    transaction_id: '2f6debfd-3d68-43c3-ae64-e9089dbed67a',
    account_id: '75e3e297-1aee-4f54-bca5-9fa97956a590',
    counterparty_account_id: 'b31bd019-3868-4f51-9e8a-d64718bb75a5',
    amount: 221_462,
    inserted_at: 1_598_227_738_000,
};

describe.each(Object.keys(SOURCES))('an incremental run of %s', (pipeline) => {
    let database: Database;
    const files = projectFiles(pipeline);
    const marts = files.models.filter((model) => model.kind !== 'current').map((model) => model.name);
    const scans = (sql: string): string[] => growingScans(database, sql, marts);

    beforeAll(async () => {
        const cwd = workFolder();
        const sources = Object.entries(SOURCES[pipeline] ?? {});
        for (const [name, text] of sources) {
            writeFileSync(join(cwd, name), await text());
        }
        const names = sources.map(([name]) => name);
        const ran = await elt(['run', ...names, '--pipeline', pipeline, '--project', PROJECT, '--db', 'e.db'], { cwd });
        // The sample of game events holds lines that are put aside.
        expect([0, 4]).toContain(ran.status);
        database = openDatabase(join(cwd, 'e.db'));
    });
    afterAll(() => close(database));

    // A view runs where it is asked.
    const filled = files.models.filter((model) => model.kind !== 'view');

    test.each(filled.map((model) => [model.name, model.statements] as const))(
        '%s scans no table that grows',
        (model, statements) => {
            const isReady = database.prepare('select 1 from elt_watermarks where model = ?').get(model);
            expect(isReady).toBeDefined();
            // A first run fills a table at once; the condition makes the statement nothing in every other. So does that
            // of the search for a null key, in a run that reached none.
            const isRare = ({ sql }: SqlStatement): boolean =>
                sql.includes('elt_unfilled') ||
                /limit iif\(\s*exists \(\s*select 1\s+from "?\w+_dirty"?\s+where/.test(sql);
            const everyRun = statements.filter((statement) => !isRare(statement) && isQueryOrChange(statement.sql));
            expect(everyRun.length).toBeGreaterThan(1);
            expect(everyRun.flatMap((statement) => scans(statement.sql))).toEqual([]);
        },
    );

    test('no trigger scans a table that grows', () => {
        const triggers = database
            .prepare(
                "select name, sql from sqlite_schema where type = 'trigger' and name not like '%truncate' and name not like 'elt_%'",
            )
            .all() as { name: string; sql: string }[];
        const folds = files.models.filter((model) => model.kind === 'current');
        expect(triggers.length).toBeGreaterThanOrEqual(6 * folds.length);
        for (const { name, sql } of triggers) {
            const body = sql
                .slice(sql.search(/\nbegin\n/) + 7, sql.lastIndexOf('end'))
                .replace(/\b(new|old)\.("[^"]*"|\w+)/g, '?')
                // Allowed in a trigger only.
                .replace(/\braise\(abort, '(?:[^']|'')*'\)/g, '1');
            expect([name, splitStatements(body, name).flatMap((one) => scans(one.sql))]).toEqual([name, []]);
        }
    });

    test('no data test of every run scans a table that grows', () => {
        const { planned } = planTransform(database, files, { select: [], rebuild: false });
        const tests = testsOf(files, planned).filter((one) => one.scope === 'changed');
        expect(tests.length).toBeGreaterThan(0);
        expect(tests.flatMap((one) => scans(one.statement.sql).map((scan) => `${one.name}: ${scan}`))).toEqual([]);
    });
});

function isQueryOrChange(sql: string): boolean {
    return /^\s*(?:--.*\n\s*)*(?:insert|update|delete|with|select)\b/i.test(sql);
}

test.each([
    ['a whole table', 'select * from metrics where amount = 1', 1],
    ['a whole index', 'select count(*) from metrics', 1],
    ['whatever the table is called there', 'select * from metrics as dirty where amount = 1', 1],
    ['a table and a search in another', 'select 1 from metrics as a join metrics as b on b.event_id = a.flow_id', 1],
    ['a sort by the index', 'select event_id from metrics order by event_id desc', 1],
    ['a row by its key', "select * from metrics where event_id = 'x'", 0],
    ['a table that does not grow', 'select * from metrics_dirty', 0],
])('a scan is noticed: %s', async (_, sql, count) => {
    const database = await migratedDatabase('payments');
    database.exec('create table metrics_dirty (event_id text)');
    database.exec('create unique index key_metrics on metrics (event_id)');
    expect(growingScans(database, sql, ['metrics'])).toHaveLength(count);
    close(database);
});
