import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { splitStatements } from '../../src/sqlfile/statements.ts';
import type { Database } from '../../src/store/database.ts';
import { close, load, migratedDatabase, projectFiles, runTransform } from '../support/bench-database.ts';
import { CLI, elt, NODE, workFolder } from '../support/elt.ts';

/** Promise 7: memory does not grow with the input; the cost of a run does not grow with the history. */

const SOURCE_BYTES_MIN = 200_000_000;
const RECORDS = 140_000;
const RSS_KB_MAX = 150 * 1024;

/** Prints the most memory that the process ever had resident, in KiB. */
const WATCH =
    'data:text/javascript,process.on("exit",()=>process.stderr.write("maxRSS "+process.resourceUsage().maxRSS+"\\n"))';

test(`a source of ${SOURCE_BYTES_MIN / 1e6} MB loads within 150 MB`, async () => {
    const cwd = workFolder();
    expect((await elt(['migrate'], { cwd })).status).toBe(0);
    const sample = spawn(NODE, [CLI, 'sample', 'payments', '--records', String(RECORDS)], { cwd });
    const child = spawn(NODE, ['--import', WATCH, CLI, 'load', '-', '--json'], { cwd });
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
    expect(Number(/maxRSS (\d+)/.exec(err.join(''))?.[1])).toBeLessThan(RSS_KB_MAX);
}, 180_000);

describe.each(['payments', 'payments_v1'])('an incremental run of %s', (pipeline) => {
    let database: Database;

    beforeAll(async () => {
        database = await migratedDatabase(pipeline);
        await load(database, await history(pipeline));
        await runTransform(database, projectFiles(pipeline));
    });
    afterAll(() => close(database));

    const files = projectFiles(pipeline);
    test.each(files.models.map((model) => [model.name, model.statements] as const))(
        '%s scans no table that grows',
        (_, statements) => {
            // A first run fills a table at once; the condition makes the statement nothing in every other.
            const everyRun = statements.filter(
                (statement) => !statement.sql.includes('elt_unfilled') && isQueryOrChange(statement.sql),
            );
            expect(everyRun.length).toBeGreaterThan(1);
            expect(everyRun.flatMap((statement) => growingScans(database, statement.sql))).toEqual([]);
        },
    );

    test('no trigger scans a table that grows', () => {
        const triggers = database
            .prepare(
                "select name, sql from sqlite_schema where type = 'trigger' and name not like '%truncate' and name not like 'elt_%'",
            )
            .all() as { name: string; sql: string }[];
        expect(triggers.length).toBeGreaterThan(20);
        for (const { name, sql } of triggers) {
            const body = sql
                .slice(sql.search(/\nbegin\n/) + 7, sql.lastIndexOf('end'))
                .replace(/\b(new|old)\.("[^"]*"|\w+)/g, '?');
            expect([name, splitStatements(body, name).flatMap((one) => growingScans(database, one.sql))]).toEqual([
                name,
                [],
            ]);
        }
    });

    test('no data test of every run scans a table that grows', () => {
        const tests = files.tests.filter((one) => one.scope === 'changed');
        expect(tests.length).toBeGreaterThan(3);
        expect(
            tests.flatMap((one) => growingScans(database, one.statement.sql).map((scan) => `${one.name}: ${scan}`)),
        ).toEqual([]);
    });
});

function isQueryOrChange(sql: string): boolean {
    return /^\s*(?:--.*\n\s*)*(?:insert|update|delete|with|select)\b/i.test(sql);
}

/** Steps of the plan that walk through the whole of a staging table, a current table or a mart. */
function growingScans(database: Database, sql: string): string[] {
    const plan = database.prepare(`explain query plan ${sql}`);
    const steps = plan.all(...Array((sql.match(/\?/g) ?? []).length).fill(1)) as { detail: string }[];
    return steps
        .map((step) => step.detail)
        .filter((detail) =>
            /^SCAN (?:stg_|current_|metrics(?!_dirty)|staged|event|payment|request|token|held)/.test(detail),
        );
}

/** A history that has landed every table of the pipeline. */
async function history(pipeline: string): Promise<string> {
    if (pipeline === 'payments') {
        const made = await elt(['sample', 'payments', '--records', '2000']);
        return made.stdout;
    }
    const { historyLines } = await import('../support/history.ts');
    const { PAYMENTS_TABLES } = await import('../support/payments-model.ts');
    return historyLines(PAYMENTS_TABLES, { transactions: [], steps: [] }).lines.join('\n');
}

test('the plan of a scan is noticed', async () => {
    const database = await migratedDatabase('payments');
    expect(growingScans(database, 'select * from metrics where amount = 1')).toHaveLength(1);
    expect(growingScans(database, "select * from metrics where event_id = 'x'")).toEqual([]);
    close(database);
});
