import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Dialect } from '../../src/scale/dialects/dialect.ts';
import { duckdbDialect } from '../../src/scale/dialects/duckdb-dialect.ts';
import { postgresDialect } from '../../src/scale/dialects/postgres-dialect.ts';
import { foldSql } from '../../src/scale/fold/fold-sql.ts';
import { close, migratedDatabase } from '../support/bench-database.ts';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { DuckDb } from '../support/duckdb.ts';
import { propertyRuns } from '../support/properties.ts';
import type { Psql } from '../support/psql.ts';
import {
    type FoldPlan,
    foldedBySqlite,
    foldPlans,
    historyOf,
    sorted,
    sqliteRows,
    stagedSql,
    textsOf,
} from './fold-world.ts';

/** The fold that other engines run gives the rows of elt's own fold, whatever has happened. */

type Run = (statements: readonly string[], query: string) => Promise<(string | null)[][]>;

async function compare(plan: FoldPlan, dialect: Dialect, run: Run): Promise<void> {
    const database = await migratedDatabase('payments');
    try {
        const spec = await foldedBySqlite(database, plan);
        const { steps, rows } = foldSql(historyOf(database, spec), dialect);
        const got = await run([...stagedSql(database, dialect, spec), ...steps], rows);
        expect(sorted(got)).toEqual(sqliteRows(database, spec));
    } finally {
        close(database);
    }
}

test('DuckDB folds as elt does', async () => {
    await fc.assert(
        fc.asyncProperty(foldPlans, async (plan) => {
            const engine = await DuckDb.open();
            try {
                await compare(plan, duckdbDialect, async (statements, query) => {
                    for (const statement of statements) {
                        await engine.run(statement);
                    }
                    return await engine.rows(query);
                });
            } finally {
                engine.close();
            }
        }),
        propertyRuns(40),
    );
});

describe.skipIf(!hasPostgres)('PostgreSQL', () => {
    const cluster = clusterForTests();
    let session: Psql;
    beforeAll(async () => {
        session = await cluster().createDatabase('fold');
    });
    afterAll(async () => {
        await session?.close();
    });

    test('folds as elt does', async () => {
        await fc.assert(
            fc.asyncProperty(foldPlans, async (plan) => {
                await compare(plan, postgresDialect, async (statements, query) => {
                    await session.sql('begin;');
                    try {
                        await session.sql(statements.map((one) => `${one};`).join('\n'));
                        const answer = await session.sql(
                            `select coalesce(json_agg(to_json(row_now.*)), '[]') from (${query}) as row_now;`,
                        );
                        return textsOf(answer);
                    } finally {
                        await session.sql('rollback;');
                    }
                });
            }),
            propertyRuns(40),
        );
    });
});
