import { describe, expect, test } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { elt } from '../support/elt.ts';
import { sorted, textsOf } from './fold-world.ts';
import { hasSharedData, PIPELINES, runInSqlite, sqliteTables } from './pipelines.ts';

/** `elt print --engine postgres | psql`: every table has the values that SQLite gives. */
describe.skipIf(!hasPostgres || !hasSharedData)('a run on PostgreSQL', () => {
    const cluster = clusterForTests();

    test.each(PIPELINES)('gives the tables of $pipeline', async (one) => {
        const file = await runInSqlite(one);
        const printed = await elt(['--pipeline', one.pipeline, '--db', file, 'print', '--engine', 'postgres']);
        expect(printed.stderr).toBe('');
        const session = await cluster().createDatabase(one.pipeline);
        await session.sql(printed.stdout);
        const tables = sqliteTables(file);
        expect(tables.size).toBeGreaterThan(0);
        for (const [name, rows] of tables) {
            const answer = await session.sql(
                `select coalesce(json_agg(to_json(row_now.*)), '[]') from "${one.pipeline}"."${name}" as row_now;`,
            );
            expect(sorted(textsOf(answer)), name).toEqual(rows);
        }
        await session.close();
    });
});
