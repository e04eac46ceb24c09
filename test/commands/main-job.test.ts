import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { closeDatabase, openDatabase } from '../../src/sqlite/database.ts';
import { close, load, memorySource, migratedDatabase, projectFiles, runTransform } from '../support/bench-database.ts';
import { elt, eltJson, workFolder } from '../support/elt.ts';
import { sharedData } from '../support/shared-data.ts';

interface Expected {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly unknown[])[];
}

interface ExpectedBatches {
    readonly columns: readonly string[];
    readonly rows_after_batch: readonly number[];
    readonly rows_at_end: readonly (readonly unknown[])[];
}

const wal = sharedData('wal.json');
const walMetrics = sharedData('wal.metrics.json');
const batches = sharedData('wal_batches.json');
const batchMetrics = sharedData('wal_batches.metrics.json');

function metricsOf(file: string, key: string): Expected {
    const database = openDatabase(file, { readonly: true });
    try {
        const statement = database.prepare(`select * from metrics order by ${key}`).raw();
        const columns = statement.columns().map((column) => column.name);
        return { columns, rows: statement.all() as unknown[][] };
    } finally {
        closeDatabase(database);
    }
}

function parsed<T>(path: string | undefined): T {
    return JSON.parse(readFileSync(path as string, 'utf8')) as T;
}

/** The alert of the shipped dashboard of payments_v1. */
function rate(words: string): string {
    return `At a glance: authorisation_rate_percent ${words}authorisation_rate_percent < 40)`;
}

describe.skipIf(wal === undefined)(
    `the real file${wal === undefined ? ' (skipped: ../shared/data is missing)' : ''}`,
    () => {
        test('gives the expected metrics value by value; the same command again changes nothing and says so', async () => {
            const cwd = workFolder();
            const first = await elt(['run', wal as string], { cwd });
            expect([first.status, first.stderr]).toEqual([0, '']);
            expect(first.stdout).toContain('1,000 changes of 1,000 records');
            expect(first.stdout).toContain('16 of 16 data tests passed');
            const file = join(cwd, 'payments.db');
            expect(metricsOf(file, 'event_id')).toEqual(parsed<Expected>(walMetrics));

            const before = contentOf(file);
            const again = await elt(['run', wal as string], { cwd });
            expect([again.status, again.stderr]).toEqual([0, '']);
            expect(again.stdout).toContain('nothing new, these bytes were landed by load 1');
            expect(again.stdout).toContain('transformed  nothing new');
            expect(contentOf(file)).toEqual(before);
            expect((await elt(['verify'], { cwd })).status).toBe(0);
        });
    },
);

describe.skipIf(batches === undefined)(
    `the sixty batches${batches === undefined ? ' (skipped: ../shared/data is missing)' : ''}`,
    () => {
        test('in one command: the changes of each batch add up to the count after it, then the rows', async () => {
            const cwd = workFolder();
            const expected = parsed<ExpectedBatches>(batchMetrics);
            const ran = await elt(['--pipeline', 'payments_v1', 'run', '--each-batch', batches as string], { cwd });
            const alerts = [
                `alert: ${rate('is 0 (')}`,
                `alert over: ${rate('is 50 (no longer ')}`,
                `alert: ${rate('is 33.33 (')}`,
                `alert over: ${rate('is 41.67 (no longer ')}`,
            ];
            expect([ran.status, ran.stderr]).toEqual([0, `${alerts.join('\n')}\n`]);
            expect(countsByBatch(ran.stdout)).toEqual(expected.rows_after_batch);
            expect(metricsOf(join(cwd, 'payments_v1.db'), 'id')).toEqual({
                columns: expected.columns,
                rows: expected.rows_at_end,
            });
        });

        test('as JSON it reports what each batch did to each model', async () => {
            const words = ['--pipeline', 'payments_v1', 'run', '--each-batch', batches as string];
            const { batches: told } = await eltJson<{
                batches: readonly {
                    batch: number;
                    models: readonly { model: string; inserted: number; deleted: number }[];
                }[];
            }>(words, { cwd: workFolder() });
            const expected = parsed<ExpectedBatches>(batchMetrics);
            let rows = 0;
            const counts = told.map(({ models }) => {
                const metrics = models.find(({ model }) => model === 'metrics');
                rows += (metrics?.inserted ?? 0) - (metrics?.deleted ?? 0);
                return rows;
            });
            expect(counts).toEqual(expected.rows_after_batch);
            expect(told.map(({ batch }) => batch)).toEqual(counts.map((_, index) => index + 1));
        });

        test('counted in the database after each batch', async () => {
            const expected = parsed<ExpectedBatches>(batchMetrics);
            const database = await migratedDatabase('payments_v1');
            const files = projectFiles('payments_v1');
            const count = database.prepare('select count(*) from metrics').pluck();
            const counts: unknown[] = [];
            await load(database, memorySource(readFileSync(batches as string), { chunkBytes: 10_007 }), {
                afterBatch: async () => {
                    await runTransform(database, files);
                    counts.push(count.get());
                },
            });
            expect(counts).toEqual(expected.rows_after_batch);
            close(database);
        });

        test('all batches at once give the same rows', async () => {
            const cwd = workFolder();
            const ran = await elt(['--pipeline', 'payments_v1', 'run', batches as string], { cwd });
            expect(ran.status).toBe(0);
            const expected = parsed<ExpectedBatches>(batchMetrics);
            expect(metricsOf(join(cwd, 'payments_v1.db'), 'id').rows).toEqual(expected.rows_at_end);
        });
    },
);

/** Number of metrics after each batch, from the printed table: the sum of inserted minus deleted. */
function countsByBatch(text: string): number[] {
    let count = 0;
    return text
        .split(/^batch \d+$/m)
        .slice(1)
        .map((part) => {
            const line = /^metrics +(?:\D+?) +([\d,]+) +([\d,]+) +([\d,]+)/m.exec(part);
            const number = (at: number): number => Number((line?.[at] ?? '0').replaceAll(',', ''));
            count += number(1) - number(3);
            return count;
        });
}

/** Every row of every table of a file. */
function contentOf(file: string): unknown {
    const database = openDatabase(file, { readonly: true });
    try {
        const names = database.prepare("select name from sqlite_schema where type = 'table' order by name").pluck();
        return (names.all() as string[]).map((name) => [name, database.prepare(`select * from "${name}"`).raw().all()]);
    } finally {
        closeDatabase(database);
    }
}
