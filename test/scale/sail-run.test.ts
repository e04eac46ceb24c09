import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { elt, PROJECT, workFolder } from '../support/elt.ts';
import { findSail, runOnSail, sailProgram } from '../support/sail.ts';
import {
    deletedItem,
    itemWorld,
    type LakeWorld,
    lakeWorld,
    movedItem,
    publishedFolder,
    runElt,
    writtenRows,
} from './lake-world.ts';
import { hasSharedData, PIPELINES, type RunPipeline, sqliteTables } from './pipelines.ts';

/** Runs in Spark's dialect on Sail, which starts in a second: printed, and started by `elt transform` in place of Spark. */

const python = findSail();
const [PAYMENTS] = PIPELINES as readonly [RunPipeline];

describe.skipIf(python === undefined || !hasSharedData)('a run on Sail, from a lake', () => {
    test.each(PIPELINES)('gives the tables of $pipeline', async (one) => {
        const world = await lakeWorld(one);
        const script = await runElt(world, ['print', '--engine', 'sail', '--lake', world.lake]);
        const ran = await runOnSail(python as string, script);
        expect(ran.status, ran.stderr).toBe(0);
        const runs = join(world.lake, one.pipeline, 'runs');
        const [run = ''] = readdirSync(runs);
        await expectTables(world, join(runs, run));
        // Nobody reads it before it is published.
        expect(existsSync(join(world.lake, one.pipeline, 'current.json'))).toBe(false);
        await runElt(world, ['lake', 'publish', run, '--to', world.lake]);
        expect(publishedFolder(world)).toBe(join(runs, run));
    });

    test('folds the news on the tables of the run before', async () => {
        const folder = workFolder();
        const world: LakeWorld = {
            pipeline: 'payments',
            file: join(folder, 'payments.db'),
            lake: join(folder, 'lake'),
        };
        const words = [
            'transform',
            '--engine',
            'spark',
            '--lake',
            world.lake,
            '--spark-sql',
            sailProgram(python as string),
        ];
        const lines = (await elt(['sample', 'payments', '--mix', 'changes', '--records', '3000'])).stdout.split('\n');
        for (const part of [lines.slice(0, 2_000), lines.slice(2_000)]) {
            const ran = await elt(['--pipeline', 'payments', '--db', world.file, 'run', '-'], {
                input: part.join('\n'),
            });
            expect(ran.status, ran.stderr).toBe(0);
            await runElt(world, ['lake', 'push', '--to', world.lake]);
            await runElt(world, words);
            await expectTables(world, publishedFolder(world));
        }
        const printed = await runElt(world, ['print', '--engine', 'spark', '--lake', world.lake]);
        expect(printed).toContain('fold_before_transaction');
        // Nothing is new: no change is read.
        expect(printed).not.toContain('fold_touch_');
        const full = await runElt(world, ['print', '--engine', 'spark', '--lake', world.lake, '--full']);
        expect(full).not.toContain('fold_before_');
    });

    test('follows a row over more keys than it was printed for: it runs again', async () => {
        const world = await itemWorld(movedItem(40));
        const words = ['transform', '--engine', 'spark', '--lake', world.lake];
        const program = ['--spark-sql', sailProgram(python as string)];
        const all = ['--project', world.project, '--pipeline', world.pipeline, '--db', world.file, ...words];
        const refused = await elt([...all, ...program, '--hops', '5']);
        expect([refused.status, refused.stderr]).toEqual([
            8,
            expect.stringMatching(/^error HOPS_TOO_FEW: a row of item has got another key more than 32 times/),
        ]);
        expect(existsSync(join(world.lake, world.pipeline, 'current.json'))).toBe(false);
        const ran = await elt([...all, ...program]);
        expect([ran.status, ran.stderr]).toEqual([0, expect.stringContaining('running again with --hops 10')]);
        expect(await writtenRows(publishedFolder(world), 'current_item')).toEqual([['41', 'x', '41']]);
    });

    test('publishes a table without rows', async () => {
        const world = await itemWorld([...movedItem(1), deletedItem(2)]);
        const words = ['--project', world.project, 'print', '--engine', 'sail', '--lake', world.lake];
        const ran = await runOnSail(python as string, await runElt(world, words));
        expect(ran.status, ran.stderr).toBe(0);
        const [run = ''] = readdirSync(join(world.lake, world.pipeline, 'runs'));
        await runElt(world, ['--project', world.project, 'lake', 'publish', run, '--to', world.lake]);
        const served = { ...world, file: join(world.project, 'served.db') };
        const pulled = await runElt(served, [
            '--project',
            world.project,
            'lake',
            'pull',
            'current_item',
            '--from',
            world.lake,
        ]);
        expect(pulled).toContain('0 rows');
    });

    describe('that elt transform starts', () => {
        let world: LakeWorld;
        let words: readonly string[];
        beforeAll(async () => {
            world = await lakeWorld(PAYMENTS);
            words = [
                'transform',
                '--engine',
                'spark',
                '--lake',
                world.lake,
                '--spark-sql',
                sailProgram(python as string),
            ];
        });

        test('publishes what SQLite has, and again', async () => {
            const first = await runElt(world, words);
            expect(first).toMatch(/^metrics +529 /m);
            await expectTables(world, publishedFolder(world));
            const before = publishedFolder(world);
            await runElt(world, words);
            expect(publishedFolder(world)).not.toBe(before);
            await expectTables(world, publishedFolder(world));
        });

        test('publishes nothing where a data test finds rows', async () => {
            await runElt(world, words);
            const pointer = readFileSync(join(world.lake, 'payments', 'current.json'), 'utf8');
            const project = workFolder();
            for (const folder of ['sql', 'migrations']) {
                cpSync(join(PROJECT, folder), join(project, folder), { recursive: true });
            }
            const bad = join(project, 'sql', 'payments', 'tests', 'metrics__never_any.sql');
            writeFileSync(
                bad,
                '-- why: it fails\n-- scope: all\n\nselect * from metrics where event_id is not null;\n',
            );
            const ran = await elt(['--project', project, '--pipeline', 'payments', '--db', world.file, ...words]);
            expect([ran.status, ran.stderr]).toEqual([
                6,
                expect.stringContaining('error TEST_FAILED: data test "metrics__never_any" found bad rows'),
            ]);
            expect(readFileSync(join(world.lake, 'payments', 'current.json'), 'utf8')).toBe(pointer);
            expect(
                readdirSync(join(world.lake, 'payments', 'runs')).every((run) => run <= JSON.parse(pointer).run),
            ).toBe(true);
        });
    });
});

describe('an engine that fails', () => {
    test.skipIf(!hasSharedData)('is reported with its own words, and leaves nothing', async () => {
        const world = await lakeWorld(PAYMENTS);
        const program = join(workFolder(), 'spark-sql');
        writeFileSync(program, '#!/bin/sh\necho "[NO_SPACE] the disk is full" >&2\nkill -9 $$\n', { mode: 0o755 });
        const words = ['transform', '--engine', 'spark', '--lake', world.lake];
        const ran = await elt(['--pipeline', 'payments', '--db', world.file, ...words, '--spark-sql', program]);
        expect([ran.status, ran.stderr]).toEqual([
            8,
            expect.stringMatching(/ENGINE_FAILED.*\[NO_SPACE\] the disk is full.*SIGKILL/s),
        ]);
        expect(existsSync(join(world.lake, 'payments', 'current.json'))).toBe(false);
        const missing = await elt(['--pipeline', 'payments', '--db', world.file, ...words, '--spark-sql', '/nowhere']);
        expect([missing.status, missing.stderr]).toEqual([2, expect.stringContaining('ENGINE_MISSING')]);
    });
});

/** Every table of the run is the one of SQLite. */
async function expectTables({ file }: LakeWorld, folder: string): Promise<void> {
    const tables = sqliteTables(file);
    expect(tables.size).toBeGreaterThan(0);
    for (const [name, rows] of tables) {
        expect(await writtenRows(folder, name), name).toEqual(rows);
    }
}
