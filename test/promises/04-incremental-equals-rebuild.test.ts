import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verifyStaging } from '../../src/load/verify-staging.ts';
import type { ProjectFiles } from '../../src/project/model-files.ts';
import { quoteName } from '../../src/sql/quote.ts';
import type { Database } from '../../src/sqlite/database.ts';
import type { TransformResult } from '../../src/transform/transform.ts';
import { verifyModels } from '../../src/transform/verify-models.ts';
import {
    close,
    load,
    memorySource,
    migratedDatabase,
    projectFiles,
    runByHand,
    runTransform,
    tablesText,
} from '../support/bench-database.ts';
import { PROJECT, sqliteShell, workFolder } from '../support/elt.ts';
import { type HistoryPlan, historyLines, historyPlan, type Step } from '../support/history.ts';
import { PAYMENTS_TABLES, paymentsMetrics } from '../support/payments-model.ts';
import type { ModelTable, PostgresModel, Value } from '../support/postgres-model.ts';
import { propertyRuns } from '../support/properties.ts';
import { SHOP_TABLES, shopMarts, shopProject } from '../support/shop-project.ts';

/**
 * Promise 4: an incremental run equals a rebuild, whatever mixture of runs and files run by hand came before, and
 * equals PostgreSQL.
 */

interface World {
    readonly pipeline: string;
    readonly project: string;
    readonly tables: readonly ModelTable[];
    readonly marts: (model: PostgresModel) => Readonly<Record<string, Value[][]>>;
}

const PAYMENTS: World = {
    pipeline: 'payments_v1',
    project: PROJECT,
    tables: PAYMENTS_TABLES,
    marts: (model) => ({ metrics: paymentsMetrics(model) }),
};

const SHOP: World = { pipeline: 'shop', project: shopProject(), tables: SHOP_TABLES, marts: shopMarts };

const folder = workFolder();
let numberOfFiles = 0;

async function follow(world: World, plan: HistoryPlan, file = ':memory:'): Promise<void> {
    const database = await migratedDatabase(world.pipeline, file, world.project);
    try {
        const files = projectFiles(world.pipeline, world.project);
        const { lines, modelAfter } = historyLines(world.tables, plan);
        let landed = 0;
        const land = async (count: number): Promise<void> => {
            const piece = lines.slice(landed, landed + count);
            landed = Math.min(lines.length, landed + count);
            if (piece.length > 0) {
                await load(database, memorySource(`${piece.join('\n')}\n`));
            }
        };
        for (const step of plan.steps) {
            if (step.kind === 'land') {
                await land(step.lines);
            } else if (step.kind === 'transform') {
                const waiting = waitingModels(await runTransform(database, files));
                expectModel(database, world, modelAfter(landed), waiting);
            } else {
                runFile(database, files, step, file);
            }
        }
        await land(lines.length);
        expect(waitingModels(await runTransform(database, files))).toEqual([]);
        expectModel(database, world, modelAfter(landed), []);
        await expectRebuildIsSame(database, files);
    } finally {
        close(database);
    }
}

/** A person's run of one file; one whose tables are not there yet fails, and changes nothing. */
function runFile(database: Database, files: ProjectFiles, step: Step & { readonly file: number }, file: string): void {
    const model = files.models[step.file % files.models.length] as ProjectFiles['models'][number];
    try {
        if (step.kind === 'byHand') {
            runByHand(database, model.text);
        } else {
            const path = join(folder, 'by-hand.sql');
            writeFileSync(path, model.text);
            const ran = spawnSync('sqlite3', ['-bail', file, 'begin', `.read ${path}`, 'commit'], { encoding: 'utf8' });
            if (ran.status !== 0) {
                throw new Error(ran.stderr);
            }
        }
    } catch (error) {
        expect(String(error)).toMatch(/no such (table|column)/);
    }
}

function waitingModels(result: TransformResult): string[] {
    return result.models.filter(({ action }) => action === 'waiting').map(({ model }) => model);
}

function expectModel(database: Database, world: World, model: PostgresModel, waiting: readonly string[]): void {
    for (const { name, columns } of world.tables.filter((one) => !waiting.includes(`current_${one.name}`))) {
        const names = columns.map((column) => quoteName(column.name)).join(', ');
        expect(sortedRows(database, `current_${name}`, names)).toEqual(
            sorted(model.table(name).map((row) => columns.map((column) => row[column.name]))),
        );
    }
    for (const [mart, rows] of Object.entries(world.marts(model)).filter(([name]) => !waiting.includes(name))) {
        expect({ [mart]: sortedRows(database, mart, '*') }).toEqual({ [mart]: sorted(rows) });
    }
}

/** A table that is not there yet is empty. */
function sortedRows(database: Database, table: string, columns: string): string[] {
    const exists = database.prepare("select 1 from sqlite_schema where type = 'table' and name = ?").get(table);
    return exists === undefined
        ? []
        : sorted(
              database
                  .prepare(`select ${columns} from ${quoteName(table)}`)
                  .raw()
                  .all(),
          );
}

function sorted(rows: readonly unknown[]): string[] {
    return rows.map((row) => JSON.stringify(row)).sort();
}

async function expectRebuildIsSame(database: Database, files: ProjectFiles): Promise<void> {
    expect(verifyModels(database, files).models.filter((model) => !model.isSame)).toEqual([]);
    expect(verifyStaging(database)).toEqual([]);
    const published = files.models.filter(({ kind }) => kind === 'mart').map(({ name }) => name);
    const before = tablesText(database, ['current_', ...published]);
    await runTransform(database, files, { rebuild: true });
    const after = tablesText(database, ['current_', ...published]);
    const changed = Object.keys(before).filter((name) => /_(dirty|fresh)$/.test(name));
    for (const name of changed) {
        delete before[name];
        delete after[name];
    }
    expect(after).toEqual(before);
    expect((await runTransform(database, files)).models.map(({ action }) => action)).not.toContain('incremental');
}

describe.each([
    ['payments', PAYMENTS, 40],
    ['a pipeline with marts that feed each other', SHOP, 50],
] as const)('%s', (_, world, runs) => {
    test('any history, in any pieces, with files run by hand in between', async () => {
        await fc.assert(
            fc.asyncProperty(historyPlan(false), (plan) => follow(world, plan)),
            propertyRuns(runs),
        );
    });

    const shell = sqliteShell();
    test.skipIf(shell === null)(
        `the same with files run in the shell${shell === null ? ' (skipped: sqlite3 is missing)' : ''}`,
        async () => {
            await fc.assert(
                fc.asyncProperty(historyPlan(true), async (plan) => {
                    const file = join(folder, `${numberOfFiles++}.db`);
                    await follow(world, plan, file);
                    for (const end of ['', '-wal', '-shm']) {
                        rmSync(file + end, { force: true });
                    }
                }),
                propertyRuns(15),
            );
        },
    );
});

test('the order of the models comes from what they read, not from their names', () => {
    const files = projectFiles('shop', SHOP.project);
    expect(files.models.map(({ name }) => name)).toContain('open_customers');
    expect(readFileSync(join(SHOP.project, 'sql', 'shop', 'marts', 'open_customers.sql'), 'utf8')).toContain(
        'customer_totals',
    );
});
