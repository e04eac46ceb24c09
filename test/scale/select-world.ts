import type { Dialect } from '../../src/scale/dialects/dialect.ts';
import { translateQuery } from '../../src/scale/marts/translate-query.ts';
import type { TranslatedSelect } from '../../src/scale/marts/translation.ts';
import { plainColumn } from '../../src/scale/plan/engine-tables.ts';
import { openDatabase } from '../../src/sqlite/database.ts';

/** Queries over one table of odd values, which every engine must answer as SQLite does. */

const COLUMNS = [
    { name: 'id', type: 'integer' },
    { name: 'n', type: 'integer' },
    { name: 'm', type: 'integer' },
    { name: 'r', type: 'real' },
    { name: 't', type: 'text' },
    { name: 'u', type: 'text' },
    { name: 'Doc', type: 'text' },
] as const;

const ROWS: readonly (readonly (number | string | null)[])[] = [
    [1, 7, 2, 0.5, 'a', 'B', null],
    [2, -7, 2, -1.75, 'A', 'a', null],
    [3, 7, -2, 2.5, '', ' a ', null],
    [4, -7, -2, -2.5, 'Ärger', 'ärger', null],
    [5, 0, 0, 0, "it's", 'x\\y', null],
    [6, null, 3, null, null, 'b_c', null],
    [7, 3, null, 1e10, 'b%c', null, null],
    [8, null, null, 3.5, 'zz\nzz', 'ab', null],
    [9, 9007199254740992, 10, 0.1, '😀é', 'É', null],
];

/** Each is one expression over a row, as SQLite has it. */
const EXPRESSIONS: readonly string[] = [
    'n / m',
    'n % m',
    'n + m - 1',
    '-n * m',
    'r / 2',
    'r * m',
    'n > m',
    'n = m or t is null',
    'not n',
    'n is m',
    'n is not m',
    't is u',
    't is not u',
    't is null or u is not null',
    '(n > m) is true',
    'n between m and 7',
    'n not between 1 and 5',
    'n in (7, -7, null)',
    "t not in ('a', 'A')",
    '(n, m) > (7, -3)',
    '(n, t) <= (m, u)',
    '(n, m) = (7, 2)',
    'coalesce(n, m, 0)',
    'ifnull(t, u)',
    'nullif(n, m)',
    'iif(n > 0, t, u)',
    'iif(n, 1, 0)',
    'max(n, m)',
    'min(t, u)',
    'abs(n)',
    'lower(t)',
    'upper(u)',
    'trim(u)',
    'ltrim(u)',
    "length(t || '-')",
    "replace(t, 'z', 'yy')",
    "instr(t, 'z')",
    'substr(t, 2)',
    'substr(t, 1, 2)',
    't || n',
    "n || '!' || m",
    'cast(n as text)',
    'cast(n as real) / 2',
    'cast(r as integer)',
    't < u',
    't >= u',
    "t like 'A%'",
    "u like '%_c'",
    "t like 'b%%c'",
    "u not like '%É'",
    "t glob '*[^a-z]*'",
    "u glob '?'",
    "t glob 'z*z'",
    "case when n > 0 then 'p' when n < 0 then 'm' else t end",
    "case t when 'a' then 1 when 'A' then 2 end",
    'case n when m then 1 else 0 end + 1',
    '(select count(*) from things as other where other.n < things.n)',
    '(select o.t from things as o where o.n = things.n order by o.t desc, o.id desc limit 1)',
    '(select max(other.t) from things as other where other.n = things.n)',
    'exists (select 1 from things as other where other.t = things.u)',
    'n in (select m from things)',
    'n not in (select m from things)',
    'n not in (select m from things where m is not null)',
    'n in (select m from things where id > 100)',
    'n not in (select other.m from things as other where other.t = things.t)',
    'case when n in (select m from things) then 1 when n not in (select m from things) then 0 end',
    "(select min(u) from things where n is not null) || '.'",
    'row_number() over (order by t desc, id)',
    'rank() over (partition by m order by n)',
    'sum(n) over (partition by m order by id rows between unbounded preceding and current row)',
    'lag(t) over (order by u, id)',
    'max(t) over (partition by m)',
    '0.1 + 0.2',
    "'a' || char_of.u",
    'true',
    'n > 0 and true',
];

/** Each is a whole SELECT. */
const SELECTS: readonly string[] = [
    'select m, count(*) as c, count(n), count(distinct t), sum(n), min(t), max(u), avg(id) from things group by m',
    'select count(*) filter (where n > 0) as c, sum(id) as s from things',
    'select sum(n) as s, avg(n) as a, max(t) as x from things where id > 100',
    'select n from things union select m from things',
    "select id, 'x' as k, null as v from things union all select id, t, n from things where n > 0",
    'select distinct n is null as missing from things',
    'select id from things where n in (select m from things) and id > 1',
    'select id from things where n not in (select m from things)',
    'select id from things where (n not in (select m from things where m is not null)) and (id < 8)',
    'select id from things where not (n in (select m from things where m is not null)) or id = 1',
    'select id from things where (n, m) in (select m, n from things) and id < 100',
    'select n from things except select 7',
    'select a.id, b.id as other from things as a left join things as b on b.n = a.m and b.id <> a.id where a.id < 6',
    'select a.id, b.id as other from things as a join things as b on a.n is b.m',
    'select a.id, b.id as other from things as a join things as b on a.t is b.u and a.id < 6',
    'select a.id from things as a cross join things as b on b.id = a.id + 1',
    'with big as (select id, n as size from things where n > 0), two (x) as (select size from big) select x + 1 as y from two',
    'select m, max(id) as last from things where n is not null group by 1 having count(*) > 1 order by 1',
    'select id, t as name from things where name is not null order by name limit 3',
    "select inner_one.* from (select ID, Doc, T as big from things) as inner_one where big > 'a'",
    'select lower(t) as l, count(*) as c from things group by l',
];

const schema = {
    table: (name: string) =>
        name.toLowerCase() === 'things'
            ? { as: 'things', columns: COLUMNS.map((one) => plainColumn(one.name, one.type)) }
            : undefined,
    view: () => undefined,
};

export function translated(select: string, dialect: Dialect): TranslatedSelect {
    const from = { file: 'sql/p/marts/m.sql', text: select, offset: 0, wanted: 'sql/p/marts/m.spark.sql' };
    return translateQuery(select, dialect, schema, from);
}

export const QUERIES: readonly string[] = [
    ...EXPRESSIONS.map((one) => `select id, ${one} as v from things${one.includes('char_of') ? ' as char_of' : ''}`),
    ...SELECTS,
];

const literal = (dialect: Dialect, value: number | string | null): string =>
    value === null ? 'null' : typeof value === 'string' ? dialect.text(value) : String(value);

export function tableSql(dialect: Dialect): readonly string[] {
    const types = { integer: 'INTEGER', real: 'REAL', text: 'TEXT' } as const;
    const columns = COLUMNS.map(({ name, type }) => `${dialect.name(name)} ${dialect.declared(types[type])}`);
    const rows = ROWS.map((row) => `(${row.map((value) => literal(dialect, value)).join(', ')})`);
    return [`create table things (${columns.join(', ')})`, `insert into things values ${rows.join(', ')}`];
}

export function inSqlite(): (query: string) => string[] {
    const database = openDatabase(':memory:', { create: true });
    const list = COLUMNS.map(({ name, type }) => `${name} ${type}`).join(', ');
    database.exec(`create table things (${list}) strict`);
    const insert = database.prepare(`insert into things values (${COLUMNS.map(() => '?').join(', ')})`);
    for (const row of ROWS) {
        insert.run(row.map((value) => (Number.isInteger(value) ? BigInt(value as number) : value)));
    }
    return (query) => comparable(database.prepare(query).raw().safeIntegers().all() as unknown[][]);
}

/** Rows in an order of their own: numbers by their value, for 7.0 is 7 in JSON. */
export function comparable(rows: readonly (readonly unknown[])[]): string[] {
    const text = (value: unknown): string | null =>
        value === null
            ? null
            : /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(String(value))
              ? number(String(value))
              : String(value);
    return rows.map((row) => JSON.stringify(row.map(text))).sort();
}

function number(text: string): string {
    return /^-?\d+$/.test(text) ? text : String(Number(text));
}
