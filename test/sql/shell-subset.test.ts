import { spawnSync } from 'node:child_process';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, test } from 'vitest';
import { newerThan340 } from '../../src/sql/shell-subset.ts';
import { sqlTokens } from '../../src/sql/tokens.ts';

const database = new Database(':memory:');
database.exec('create table t(a, b)');
afterAll(() => {
    database.close();
});

const shellVersion = spawnSync('sqlite3', ['--version'], { encoding: 'utf8' }).stdout ?? '';
const isShell340 = shellVersion.startsWith('3.40.');

/** The first line of the shell's error, or an empty text. */
function shellError(sql: string): string {
    const { stderr } = spawnSync('sqlite3', ['-bail', ':memory:'], {
        input: `create table t(a, b);\n${sql};`,
        encoding: 'utf8',
    });
    return stderr.split('\n')[0] ?? '';
}

describe('newer than the 3.40 shell: it refuses, better-sqlite3 accepts it', () => {
    const cases: readonly (readonly [sql: string, name: string, since: string])[] = [
        ["select unhex('00')", 'unhex', '3.41'],
        ["select json_error_position('{')", 'json_error_position', '3.42'],
        ["select octet_length('x')", 'octet_length', '3.43'],
        ["select timediff('2024-01-02', '2024-01-01')", 'timediff', '3.43'],
        ["select concat('a', 'b')", 'concat', '3.44'],
        ["select Concat_WS(',', 'a', 'b')", 'concat_ws', '3.44'],
        ["select string_agg(a, ',') from t", 'string_agg', '3.44'],
        ['select "concat"(\'a\')', 'concat', '3.44'],
        ['select group_concat(a order by b) from t', 'group_concat order by', '3.44'],
        ['select max(a order by b) from t', 'max order by', '3.44'],
        ["select jsonb_extract(jsonb('{}'), '$')", 'jsonb_extract', '3.45'],
        ["select json_valid('{}', 6)", 'json_valid', '3.45'],
        ["select json_pretty('{}')", 'json_pretty', '3.46'],
        ['select 1_000', '1_000', '3.46'],
        ['select median(a) from t', 'median', '3.47'],
        ["create trigger x after insert on t begin select raise(abort, new.a || '!'); end", 'raise', '3.47'],
        ['select if(a, 1, 2) from t', 'if', '3.48'],
        ['select iif(a, 1) from t', 'iif', '3.48'],
        ['select iif(a, 1, b, 2, (3)) from t', 'iif', '3.49'],
        ["select unistr('x')", 'unistr', '3.50'],
        ["select * from t join jsonb_each('[1]')", 'jsonb_each', '3.51'],
        ["select json_array_insert('[1]', '$[0]', 2)", 'json_array_insert', '3.53'],
        ['alter table t add constraint c check (a is not b)', 'alter table constraint', '3.53'],
    ];
    test.each(cases)('%s', (sql, name, since) => {
        const warnings = newerThan340(sqlTokens(`\n${sql}`));
        expect(warnings[0]).toMatchObject({ name, since, line: 2 });
        expect(warnings[0]?.message).toContain(`SQLite ${since}`);
        expect(() => database.prepare(sql)).not.toThrow();
        if (isShell340) {
            expect(shellError(sql)).not.toBe('');
        }
    });
});

describe('newer, and silently null in the 3.40 shell', () => {
    const cases: readonly (readonly [sql: string, since: string])[] = [
        ["select strftime('%F', 0)", '3.44'],
        ["select strftime('%G-%V', 0)", '3.46'],
        ["select datetime(0, 'unixepoch', 'subsec')", '3.42'],
        ["select date('2024-01-31', '+1 month', 'floor')", '3.46'],
    ];
    test.each(cases)('%s', (sql, since) => {
        expect(newerThan340(sqlTokens(sql))[0]?.since).toBe(since);
        expect(database.prepare(sql).pluck().get()).not.toBeNull();
        if (isShell340) {
            expect(spawnSync('sqlite3', [':memory:', sql], { encoding: 'utf8' }).stdout).toBe('\n');
        }
    });
});

describe('not newer: the 3.40 shell accepts it too', () => {
    const cases: readonly string[] = [
        "select '{}' -> '$', '{}' ->> '$'",
        'select * from t as x right join t as y on true full join t as z on true',
        'select iif(a, 1, (2 + 3)) from t',
        'select \'concat(1)\', "a" /* concat(1) */ from t -- concat(1)',
        'select concat.a from t as concat',
        'with concat(a) as (select 1) select * from concat',
        'with a as (select 1), median(x) as (select 2) select * from median',
        'create table concat(a); insert into concat(a) values (1)',
        'create table if not exists x(a)',
        'create index if not exists median on t(a)',
        'create table jsonb(a); create index i on jsonb(a); update jsonb set a = 1; drop table jsonb',
        'create view string_agg(a) as select 1',
        'select sum(a) over (order by b) from t',
        'select max(a, (select b from t order by a limit 1)) from t',
        'select a is distinct from b from t',
        "select strftime('%Y-%m-%dT%H:%M:%fZ %% %%F', 0)",
        "create trigger x after insert on t begin select raise(abort, 'no'); select raise(ignore); end",
        'alter table t add column "constraint" integer',
        'alter table t rename column a to "check"',
        'insert into t values (1, 2) on conflict do nothing returning a',
        'with a as materialized (select 1) select * from a',
        "select count(*) filter (where a), format('%d', 1), unixepoch() from t",
        'select 0xff, 1e5, a_1 from (select 1 as a_1)',
    ];
    test.each(cases)('%s', (sql) => {
        expect(newerThan340(sqlTokens(sql))).toEqual([]);
        if (isShell340) {
            expect(shellError(sql)).toBe('');
        }
    });
});

test.skipIf(!isShell340)('every function that only better-sqlite3 has is known', () => {
    const functions = 'select distinct lower(name) from pragma_function_list';
    const own = database.prepare(functions).pluck().all() as string[];
    const shell = new Set(spawnSync('sqlite3', [':memory:', functions], { encoding: 'utf8' }).stdout.split('\n'));
    // Extensions of this build (maps, full text), which no SQL file has reason to call.
    const missing = own.filter((name) => !shell.has(name) && !/^(?:geopoly|fts5|rtree)/.test(name));
    expect(missing.length).toBeGreaterThan(20);
    expect(missing.filter((name) => newerThan340(sqlTokens(`select ${name}(1)`)).length === 0)).toEqual([]);
});

test('deep nesting takes linear time', () => {
    const begin = performance.now();
    for (const piece of ['sum(', 'iif(1, ', 'date(', 'raise(', '(', ')', 'jsonb(']) {
        newerThan340(sqlTokens(piece.repeat(100_000)));
    }
    // A quadratic search for closing parentheses takes minutes.
    expect(performance.now() - begin).toBeLessThan(20_000);
});
