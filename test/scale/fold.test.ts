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

/** Folds the first part of a history, then the rest on the rows of that. */
async function compareInTwo(plan: FoldPlan, part: number, dialect: Dialect, run: Run): Promise<void> {
    const database = await migratedDatabase('payments');
    try {
        const spec = await foldedBySqlite(database, plan);
        const { whole } = historyOf(database, spec);
        const watermark = Math.floor((whole * part) / 100);
        const first = foldSql({ ...historyOf(database, spec, 0, watermark), tail: 'first' }, dialect);
        const before = { rows: 'rows_before', watermark };
        const { steps, rows } = foldSql({ ...historyOf(database, spec, watermark), before }, dialect);
        const staged = stagedSql(database, dialect, spec);
        const got = await run([...staged, ...first.steps, dialect.keep('rows_before', first.rows), ...steps], rows);
        expect(sorted(got)).toEqual(sqliteRows(database, spec));
    } finally {
        close(database);
    }
}

const parts = fc.integer({ min: 0, max: 100 });

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

test('DuckDB folds the news on the rows of an earlier fold', async () => {
    await fc.assert(
        fc.asyncProperty(foldPlans, parts, async (plan, part) => {
            const engine = await DuckDb.open();
            try {
                await compareInTwo(plan, part, duckdbDialect, async (statements, query) => {
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

test('a row that gets another key more often than was printed for is an error, not another row', async () => {
    const engine = await DuckDb.open();
    await engine.run(
        'create table staged (_seq bigint, _op text, _absent text, _old_id bigint, id bigint, label text)',
    );
    const moves = Array.from({ length: 6 }, (_, at) => `(${at + 2}, 'update', ',label,', ${at + 1}, ${at + 2}, null)`);
    await engine.run(`insert into staged values (1, 'insert', null, null, 1, 'x'), ${moves.join(', ')}`);
    const history = {
        tail: 't',
        changes: 'staged',
        key: ['id'],
        columns: [
            { name: 'id', type: 'INTEGER' as const },
            { name: 'label', type: 'TEXT' as const },
        ],
        ...{ since: 0, whole: 9, hasPatches: true, hasMoves: true, hasDrags: true },
    };
    const run = async (hops: number): Promise<(string | null)[][]> => {
        const { steps, rows } = foldSql(history, duckdbDialect, hops);
        for (const statement of steps) {
            await engine.run(statement);
        }
        return await engine.rows(rows);
    };
    await expect(run(2)).rejects.toThrow('more than 4 times while columns were left out: print with --hops 4');
    expect(await run(3)).toEqual([['7', 'x']]);
    engine.close();
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
