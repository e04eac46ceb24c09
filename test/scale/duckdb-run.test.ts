import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DuckDb } from '../support/duckdb.ts';
import { elt, workFolder } from '../support/elt.ts';
import { sorted } from './fold-world.ts';
import { type LakeWorld, lakeWorld, runElt } from './lake-world.ts';
import { hasSharedData, PIPELINES, runMixed, sqliteTables } from './pipelines.ts';

/** `elt lake push`, then `elt print --engine duckdb`: every table has the values that SQLite gives. */
describe.skipIf(!hasSharedData)('a run on DuckDB, from a lake', () => {
    test.each(PIPELINES)('gives the tables of $pipeline', async (one) => {
        await expectTables(await lakeWorld(one));
    });

    test('gives the tables of 20,000 mixed changes', async () => {
        const world = { pipeline: 'payments', file: await runMixed(20_000), lake: workFolder() };
        await runElt(world, ['lake', 'push', '--to', world.lake]);
        await expectTables(world);
    });

    test('goes into a file, whatever it is called, but not into one of the name of the schema', async () => {
        const world = await lakeWorld(
            PIPELINES.find(({ pipeline }) => pipeline === 'payments') as (typeof PIPELINES)[0],
        );
        const script = await runElt(world, ['print', '--engine', 'duckdb', '--lake', world.lake]);
        const folder = workFolder();
        const other = await DuckDb.open(join(folder, 'warehouse.duckdb'));
        await other.run(script);
        expect(await other.rows('select count(*) > 0 from payments.metrics')).toEqual([['true']]);
        other.close();
        const namesake = await DuckDb.open(join(folder, 'payments.duckdb'));
        await expect(namesake.run(script)).rejects.toThrow(/cannot be called payments\.duckdb: give it another name/);
        namesake.close();
    });

    async function expectTables(world: LakeWorld): Promise<void> {
        const script = await runElt(world, ['print', '--engine', 'duckdb', '--lake', world.lake]);
        const engine = await DuckDb.open();
        await engine.run(script);
        const tables = sqliteTables(world.file);
        expect(tables.size).toBeGreaterThan(0);
        for (const [name, rows] of tables) {
            expect(sorted(await engine.rows(`select * from "${world.pipeline}"."${name}"`)), name).toEqual(rows);
        }
        engine.close();
    }
});

/** Several databases of one pipeline feed one lake. */
describe('two sources of a lake', () => {
    async function fed(
        seeds: readonly [number, number],
    ): Promise<{ readonly script: string; readonly files: readonly string[] }> {
        const folder = workFolder();
        const files: string[] = [];
        for (const [index, seed] of seeds.entries()) {
            const file = join(folder, `source${index + 1}.db`);
            const input = (await elt(['sample', 'payments', '--records', '300', '--seed', String(seed)])).stdout;
            const ran = await elt(['--db', file, 'run', '-'], { input });
            expect(ran.status, ran.stderr).toBe(0);
            await runElt({ pipeline: 'payments', file }, ['lake', 'push', '--to', join(folder, 'lake')]);
            files.push(file);
        }
        const world = { pipeline: 'payments', file: files[0] as string };
        return { script: await runElt(world, ['print', '--engine', 'duckdb', '--lake', join(folder, 'lake')]), files };
    }

    test('are one pipeline', async () => {
        const { script, files } = await fed([1, 2]);
        const engine = await DuckDb.open();
        await engine.run(script);
        const [first, second] = files.map(sqliteTables);
        for (const [name, rows] of first ?? []) {
            const both = sorted([...rows, ...(second?.get(name) ?? [])].map((row) => [...row]));
            expect(sorted(await engine.rows(`select * from payments."${name}"`)), name).toEqual(both);
        }
        engine.close();
    });

    test('share no key', async () => {
        const { script } = await fed([1, 1]);
        const engine = await DuckDb.open();
        await expect(engine.run(script)).rejects.toThrow(/data test "current_\w+__key_not_unique" found bad rows/);
        engine.close();
    });
});
