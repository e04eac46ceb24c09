import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { DuckDb } from '../support/duckdb.ts';
import { findSail, runOnSail } from '../support/sail.ts';
import { sorted, textsOf } from './fold-world.ts';
import { JSON_ROWS, jsonWorld } from './json-values.ts';
import { type ItemWorld, runElt, writtenRows } from './lake-world.ts';
import { sqliteTables } from './pipelines.ts';

/** Numbers in JSON keep their text on every engine: 0.10, 1e3, more digits than a double has. */

const rows = sorted(JSON_ROWS.map((row) => [...row]));
const printed = (world: ItemWorld, engine: string): Promise<string> => {
    const lake = engine === 'postgres' ? [] : ['--lake', world.lake];
    return runElt(world, ['--project', world.project, 'print', '--engine', engine, ...lake]);
};

test('in SQLite and on DuckDB', async () => {
    const world = await jsonWorld();
    expect(sqliteTables(world.file).get('read')).toEqual(rows);
    const engine = await DuckDb.open();
    await engine.run(await printed(world, 'duckdb'));
    expect(sorted(await engine.rows('select * from shop.read'))).toEqual(rows);
    engine.close();
});

const python = findSail();

test.skipIf(python === undefined)('on Sail', async () => {
    const world = await jsonWorld();
    const ran = await runOnSail(python as string, await printed(world, 'sail'));
    expect(ran.status, ran.stderr).toBe(0);
    const runs = join(world.lake, 'shop', 'runs');
    const [run = ''] = readdirSync(runs);
    expect(await writtenRows(join(runs, run), 'read')).toEqual(rows);
});

describe.skipIf(!hasPostgres)('on a server', () => {
    const cluster = clusterForTests();

    test('in PostgreSQL', async () => {
        const world = await jsonWorld();
        const session = await cluster().createDatabase('json_values');
        await session.sql(await printed(world, 'postgres'));
        const answer = await session.sql('select json_agg(to_json(row_now.*)) from shop.read as row_now;');
        expect(sorted(textsOf(answer))).toEqual(rows);
        await session.close();
    });
});
