import { describe, expect, test } from 'vitest';
import type { EltError } from '../../src/core/errors.ts';
import { duckdbDialect } from '../../src/scale/dialects/duckdb-dialect.ts';
import { postgresDialect } from '../../src/scale/dialects/postgres-dialect.ts';
import { sparkDialect } from '../../src/scale/dialects/spark-dialect.ts';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { DuckDb } from '../support/duckdb.ts';
import { textsOf } from './fold-world.ts';
import { comparable, inSqlite, QUERIES, tableSql, translated } from './select-world.ts';

/** A SELECT in another engine has SQLite's values, or is refused. */

describe('values', () => {
    test('are SQLite’s on DuckDB', async () => {
        const sqlite = inSqlite();
        const engine = await DuckDb.open();
        for (const sql of tableSql(duckdbDialect)) {
            await engine.run(sql);
        }
        for (const query of QUERIES) {
            const { sql } = translated(query, duckdbDialect);
            expect(comparable(await engine.rows(sql)), sql).toEqual(sqlite(query));
        }
        engine.close();
    });

    describe.skipIf(!hasPostgres)('on a server', () => {
        const cluster = clusterForTests();

        test('are SQLite’s on PostgreSQL', async () => {
            const sqlite = inSqlite();
            const session = await cluster().createDatabase('translate');
            await session.sql(`${tableSql(postgresDialect).join(';\n')};`);
            for (const query of QUERIES) {
                const { sql } = translated(query, postgresDialect);
                const answer = await session.sql(`select coalesce(json_agg(to_json(r.*)), '[]') from (${sql}) as r;`);
                expect(comparable(textsOf(answer)), sql).toEqual(sqlite(query));
            }
            await session.close();
        });
    });
});

/** What is outside the subset, with the words that the error says of it. */
const REFUSED: readonly (readonly [select: string, what: string])[] = [
    ["select printf('%d', n) from things", 'the function printf() is outside the subset'],
    ['select group_concat(t) from things', 'the function group_concat() is outside the subset'],
    ["select Doc ->> '$.a' from things", 'a number out of JSON changes its text by "->>"'],
    ["select json_text(lower(Doc), '$.a') from things", 'json_text() of what is not a column of a staged table'],
    ['select sum(r) from things', 'a sum of what is a real'],
    ['select n = t from things', 'a comparison of an integer with a text'],
    ['select t + 1 from things', 'arithmetic with a text'],
    ['select cast(t as integer) from things', 'a cast of a text to integer'],
    ['select r || t from things', 'the text of a real'],
    ['select substr(t, -1) from things', 'substr() whose place or length'],
    ['select t like u from things', '"like" with a pattern that is not written out'],
    ['select id from things where t', 'a text as a condition'],
    ['select n & 1 from things', 'an operator on bits'],
    ['select t collate nocase from things', '"collate" is outside the subset'],
    ['select id from elsewhere', 'it reads "elsewhere", which no model fills'],
    ['select id from things natural join things as b', '"natural join" and "using"'],
    ['with recursive c (x) as (select 1 union all select x + 1 from c where x < 3) select x from c', 'a recursive CTE'],
    [
        'select id from things where (n, m) in (select m, n from things) or id > 100',
        'row values "in" a subquery, other than as a condition of its own',
    ],
    ['select id from things where (n, m) not in (select m, n from things)', 'row values "in" a subquery'],
    ["select value from json_each('[1]')", 'a table that a function gives: json_each()'],
    ['select iif(n > 0, n, t) from things', 'iif() whose results have several types'],
    ['values (1)', '"values"'],
    ['select date(t) from things', 'the function date() is outside the subset'],
    ['select round(r, 1) from things', 'the function round() is outside the subset'],
    [
        'select (select o.t from things as o where o.n = things.n order by o.t, o.id desc limit 1) as x from things',
        'a subquery for each row that is not one aggregate',
    ],
    ['select x from things', 'there is no column "x" in its tables'],
];

test.each(REFUSED)('%s is refused', (select, what) => {
    try {
        translated(select, sparkDialect);
    } catch (error) {
        const { code, message, next, where } = (error as EltError).facts;
        expect([code, message]).toEqual(['ENGINE_SQL', expect.stringContaining(what)]);
        expect([where, next]).toEqual(['sql/p/marts/m.sql:1', expect.stringContaining('sql/p/marts/m.spark.sql')]);
        return;
    }
    throw new Error('it was translated');
});
