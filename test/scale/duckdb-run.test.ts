import { describe, expect, test } from 'vitest';
import { DuckDb } from '../support/duckdb.ts';
import { sorted } from './fold-world.ts';
import { lakeWorld, runElt } from './lake-world.ts';
import { hasSharedData, PIPELINES, sqliteTables } from './pipelines.ts';

/** `elt lake push`, then `elt print --engine duckdb`: every table has the values that SQLite gives. */
describe.skipIf(!hasSharedData)('a run on DuckDB, from a lake', () => {
    test.each(PIPELINES)('gives the tables of $pipeline', async (one) => {
        const world = await lakeWorld(one);
        const script = await runElt(world, ['print', '--engine', 'duckdb', '--lake', world.lake]);
        const engine = await DuckDb.open();
        await engine.run(script);
        const tables = sqliteTables(world.file);
        expect(tables.size).toBeGreaterThan(0);
        for (const [name, rows] of tables) {
            expect(sorted(await engine.rows(`select * from "${one.pipeline}"."${name}"`)), name).toEqual(rows);
        }
        engine.close();
    });
});
