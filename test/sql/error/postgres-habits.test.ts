import Database from 'better-sqlite3';
import { afterAll, describe, expect, test } from 'vitest';
import { hintFor } from '../../../src/sql/error/hint-for.ts';

/** What people who know PostgreSQL write: each gets SQLite's form, and that form is one that SQLite takes. */

const database = new Database(':memory:');
database.exec('create table t (id integer, x text, made_at text, doc text, a integer, b integer)');
afterAll(() => database.close());

function messageOf(sql: string): string {
    try {
        database.prepare(sql);
    } catch (error) {
        return (error as Error).message;
    }
    throw new Error(`SQLite takes this: ${sql}`);
}

const HABITS: readonly (readonly [habit: string, hint: RegExp, form: string])[] = [
    ['select x::text from t', /`cast\(x as text\)`/, 'select cast(x as text) from t'],
    ['select a::numeric(10, 2) from t', /`cast\(x as text\)`/, 'select cast(a as real) from t'],
    ["select 1 from t where x ilike 'a%'", /`like`/, "select 1 from t where x like 'a%'"],
    [
        "select made_at - interval '1 day' from t",
        /`datetime\(x, '-1 day'\)`/,
        "select datetime(substr(made_at, 1, 19), '-1 day') from t",
    ],
    [
        'select extract(year from made_at) from t',
        /strftime\('%Y'/,
        "select cast(strftime('%Y', made_at) as integer) from t",
    ],
    ["select date_part('year', made_at) from t", /strftime\('%Y'/, "select strftime('%Y', made_at) from t"],
    ["select date_trunc('day', made_at) from t", /`substr\(x, 1, 10\)`/, 'select substr(made_at, 1, 10) from t'],
    ["select to_char(made_at, 'YYYY') from t", /strftime/, "select strftime('%Y', made_at) from t"],
    ['select to_timestamp(a) from t', /'unixepoch'/, "select datetime(a, 'unixepoch') from t"],
    ['select 1 from t where made_at > now()', /must not read the clock/, "select datetime('now')"],
    ['select age(made_at) from t', /julianday/, 'select julianday(made_at) from t'],
    [
        'select distinct on (id) id, x from t',
        /`row_number\(\) over \(partition by/,
        'select row_number() over (partition by id order by x) from t',
    ],
    ["select 1 from t where x ~ 'abc'", /`glob '\[0-9\]\*'`/, "select 1 from t where x glob '[0-9]*'"],
    ["select 1 from t where x !~* 'abc'", /no regular expressions/, "select 1 from t where instr(x, 'a') > 0"],
    ["select regexp_replace(x, 'a', 'b') from t", /no regular expressions/, "select replace(x, 'a', 'b') from t"],
    ["select 1 from t where x similar to 'a'", /several `like`/, "select 1 from t where x like 'a%'"],
    [
        'select 1 from t, lateral (select 1) s',
        /no `lateral`/,
        'select (select max(u.a) from t u where u.id = t.id) from t',
    ],
    ['select greatest(a, b) from t', /`max\(a, b\)`/, 'select max(a, b) from t'],
    ['select least(a, b) from t', /`min\(a, b\)`/, 'select min(a, b) from t'],
    ['select left(x, 2) from t', /`substr\(x, 1, n\)`/, 'select substr(x, 1, 2) from t'],
    ['select right(x, 2) from t', /`substr\(x, -n\)`/, 'select substr(x, -2) from t'],
    ['select char_length(x) from t', /`length\(x\)`/, 'select length(x) from t'],
    ["select strpos(x, 'a') from t", /`instr\(x, part\)`/, "select instr(x, 'a') from t"],
    ['select chr(10)', /`char\(n\)`/, 'select char(10)'],
    ["select ascii('a')", /`unicode\(x\)`/, "select unicode('a')"],
    ["select lpad(x, 3, '0') from t", /printf\('%05d', x\)/, "select printf('%05d', a) from t"],
    [
        "select split_part(x, ',', 1) from t",
        /instr\(x \|\| ','/,
        "select substr(x, 1, instr(x || ',', ',') - 1) from t",
    ],
    [
        'select * from generate_series(1, 10)',
        /with recursive series/,
        'with recursive series (n) as (values (1) union all select n + 1 from series where n < 10) select n from series',
    ],
    [
        "select * from jsonb_array_elements('[1]')",
        /`json_each\(doc\)`/,
        "select value from t, json_each(t.doc, '$.list')",
    ],
    ["select * from json_object_keys('{}')", /`json_each\(doc\)`/, 'select key from t, json_each(t.doc)'],
    ['select unnest(x) from t', /json_each/, 'select value from t, json_each(t.doc)'],
    ["select 1 from t where x = any(array['a'])", /`in \(a, b\)`/, "select 1 from t where x in ('a', 'b')"],
    ['select array[1, 2]', /`json_array\(a, b\)`/, 'select json_array(1, 2)'],
    ['select array_agg(x) from t', /`json_group_array\(x\)`/, 'select json_group_array(x) from t'],
    ['select jsonb_object_agg(x, a) from t', /json_group_object/, 'select json_group_object(x, a) from t'],
    ["select jsonb_build_object('a', 1)", /json_object\('a', a/, "select json_object('a', 1)"],
    ['select bool_and(a) from t', /`min\(x\)`/, 'select min(a) from t'],
    ['select bool_or(a) from t', /`max\(x\)`/, 'select max(a) from t'],
    ["select position('a' in x) from t", /`instr\(x, 'a'\)`/, "select instr(x, 'a') from t"],
    ['select substring(x from 1 for 2) from t', /`substr\(x, from, for\)`/, 'select substr(x, 1, 2) from t'],
    ["select trim(both ' ' from x) from t", /`trim\(x, characters\)`/, "select trim(x, ' ') from t"],
    ["select date '2020-01-01'", /write the string alone/, "select '2020-01-01'"],
    ["select timestamp '2020-01-01'", /write the string alone/, "select '2020-01-01'"],
    ["select made_at at time zone 'utc' from t", /no time zones/, "select datetime(made_at, '+02:00') from t"],
    ["select doc #>> '{a,b}' from t", /`doc ->> '\$\.a\.b'`/, "select doc ->> '$.a.b' from t"],
    [
        "select 1 from t where doc @> '{}'",
        /json_each\(doc\)/,
        'select 1 from t where exists (select 1 from json_each(doc))',
    ],
    ['select x from t fetch first 5 rows only', /`limit n offset m`/, 'select x from t limit 5 offset 2'],
    ["select e'a'", /no escapes/, 'select char(10)'],
    ['create materialized view m as select 1', /a head and one SELECT/, 'select 1'],
    ["select nextval('s')", /no sequences/, 'select row_number() over (order by id) from t'],
    ['select md5(x) from t', /no hashes/, 'select x from t'],
    ['select initcap(x) from t', /upper\(substr/, 'select upper(substr(x, 1, 1)) || lower(substr(x, 2)) from t'],
    [
        'select percentile_cont(0.5) within group (order by a) from t',
        /no ordered-set aggregates/,
        'select row_number() over (order by a), count(*) over () from t',
    ],
];

describe('habits of PostgreSQL', () => {
    test.each(HABITS)('%s', (habit, hint, form) => {
        expect(hintFor(messageOf(habit), habit)).toMatch(hint);
        expect(() => database.prepare(form)).not.toThrow();
    });
});

describe('a comma that is missing', () => {
    test.each([
        ['select t.a\n    t.b\nfrom t', 'perhaps a comma is missing after "a"'],
        ['select a\n    b\n    x\nfrom t', 'perhaps a comma is missing after "a"'],
        ['select count(*)\n    a\n    b\nfrom t', 'perhaps a comma is missing after ")"'],
    ])('%j', (sql, hint) => {
        expect(hintFor(messageOf(sql), sql)).toBe(hint);
    });

    test.each(['select a from t where where', 'select a from t t t', 'select from from t'])('not in %j', (sql) => {
        expect(hintFor(messageOf(sql), sql) ?? '').not.toContain('after "from"');
    });
});

test('the same words in strings, comments and names of their own are no habit', () => {
    const sql = "select 'x::text', id id2 id3 -- interval '1 day'\nfrom t";
    expect(hintFor(messageOf(sql), sql)).toBe('perhaps a comma is missing after "id"');
    expect(hintFor('no such column: interval', 'select interval from t') ?? '').not.toContain('intervals');
});
