import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TYPED_INSERTS } from '../lake/typed-rows.ts';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { DuckDb } from '../support/duckdb.ts';
import { findSail, runOnSail } from '../support/sail.ts';
import { sorted, textsOf } from './fold-world.ts';
import { JSON_ROWS, jsonWorld } from './json-values.ts';
import { type ItemWorld, itemWorld, runElt, writtenRows } from './lake-world.ts';
import { sqliteTables } from './pipelines.ts';

/** A value of each type, and numbers in JSON (0.10, 1e3, more digits than a double has), are SQLite's on every engine. */

interface Values {
    readonly what: string;
    readonly world: () => Promise<ItemWorld>;
    readonly table: string;
}

const VALUES: readonly Values[] = [
    { what: 'a value of each type', world: async () => await itemWorld(TYPED_INSERTS), table: 'current_item' },
    { what: 'numbers in JSON', world: jsonWorld, table: 'read' },
];

const expectedOf = ({ file }: ItemWorld, table: string) => sqliteTables(file).get(table);
const printed = (world: ItemWorld, engine: string): Promise<string> => {
    const lake = engine === 'postgres' ? [] : ['--lake', world.lake];
    return runElt(world, ['--project', world.project, 'print', '--engine', engine, ...lake]);
};

test('numbers in JSON have their text in SQLite', async () => {
    expect(expectedOf(await jsonWorld(), 'read')).toEqual(sorted(JSON_ROWS.map((row) => [...row])));
});

test.each(VALUES)('$what on DuckDB', async ({ world: create, table }) => {
    const world = await create();
    const engine = await DuckDb.open();
    await engine.run(await printed(world, 'duckdb'));
    expect(sorted(await engine.rows(`select * from shop.${table}`))).toEqual(expectedOf(world, table));
    engine.close();
});

const python = findSail();

test.skipIf(python === undefined).each(VALUES)('$what on Sail', async ({ world: create, table }) => {
    const world = await create();
    const ran = await runOnSail(python as string, await printed(world, 'sail'));
    expect(ran.status, ran.stderr).toBe(0);
    const runs = join(world.lake, 'shop', 'runs');
    const [run = ''] = readdirSync(runs);
    expect(await writtenRows(join(runs, run), table)).toEqual(expectedOf(world, table));
});

describe.skipIf(!hasPostgres)('on a server', () => {
    const cluster = clusterForTests();

    test.each(VALUES)('$what in PostgreSQL', async ({ world: create, table }) => {
        const world = await create();
        const session = await cluster().createDatabase(`values_${table}`);
        await session.sql(await printed(world, 'postgres'));
        const answer = await session.sql(`select json_agg(to_json(row_now.*)) from shop.${table} as row_now;`);
        expect(sorted(textsOf(answer))).toEqual(expectedOf(world, table));
        await session.close();
    });
});
