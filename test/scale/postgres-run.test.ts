import { describe, expect, test } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { elt } from '../support/elt.ts';
import { sorted, textsOf } from './fold-world.ts';
import { hasSharedData, PIPELINES, runInSqlite, runMixed, sqliteTables } from './pipelines.ts';

/** `elt print --engine postgres | psql`: every table has the values that SQLite gives. */
describe.skipIf(!hasPostgres || !hasSharedData)('a run on PostgreSQL', () => {
    const cluster = clusterForTests();

    test.each(PIPELINES)('gives the tables of $pipeline', async (one) => {
        await expectTables(one.pipeline, await runInSqlite(one), one.pipeline);
    });

    test('gives the tables of 20,000 mixed changes', async () => {
        await expectTables('payments', await runMixed(20_000), 'mixed');
    });

    async function expectTables(pipeline: string, file: string, name: string): Promise<void> {
        const printed = await elt(['--pipeline', pipeline, '--db', file, 'print', '--engine', 'postgres']);
        expect(printed.stderr).toBe('');
        const session = await cluster().createDatabase(name);
        await session.sql(printed.stdout);
        const tables = sqliteTables(file);
        expect(tables.size).toBeGreaterThan(0);
        for (const [table, rows] of tables) {
            const answer = await session.sql(
                `select coalesce(json_agg(to_json(row_now.*)), '[]') from "${pipeline}"."${table}" as row_now;`,
            );
            expect(sorted(textsOf(answer)), table).toEqual(rows);
        }
        await session.close();
    }
});
