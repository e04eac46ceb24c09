import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { parseSelect } from '../../../src/sql/grammar/parse-select.ts';
import { columnOrigins } from '../../../src/transform/lineage/column-sources.ts';
import { readSchema } from '../../../src/transform/marts/read-schema.ts';

const SCHEMA = `
create table payment (id text, amount integer, currency text) strict;
create table Event (id text, payment_id text, details text) strict;
create table rate (currency text, usd real) strict;
create view dear as select id, amount * 2 as twice, currency from payment where amount > 100;
create view renamed (a, b) as select id, amount from payment;
`;

/** `a: payment.id` is a copy, `a = payment.id` is computed. */
function told(select: string): readonly string[] {
    const database = new Sqlite(':memory:');
    database.exec(SCHEMA);
    const names = database
        .prepare(select)
        .columns()
        .map(({ name }) => name);
    const parsed = parseSelect(select);
    const origins = parsed === undefined ? [] : columnOrigins(parsed, readSchema(database, new Map()));
    database.close();
    return origins.map(({ sources, isCopy }, index) => {
        const from = sources.map(({ table, column }) => `${table}.${column}`).join(' ');
        return `${names[index]}${isCopy ? ':' : ' ='} ${from}`;
    });
}

test.each<[what: string, select: string, origins: readonly string[]]>([
    [
        'copies',
        'select id, p.amount as sum, (currency) from payment as p',
        ['id: payment.id', 'sum: payment.amount', 'currency: payment.currency'],
    ],
    [
        'expressions',
        'select amount + 1 as a, currency || id as b, 7 as c, count(*) as d from payment',
        ['a = payment.amount', 'b = payment.currency payment.id', 'c = ', 'd = '],
    ],
    [
        'stars',
        'select *, e.id as other from payment cross join Event as e',
        [
            'id: payment.id',
            'amount: payment.amount',
            'currency: payment.currency',
            'id: Event.id',
            'payment_id: Event.payment_id',
            'details: Event.details',
            'other: Event.id',
        ],
    ],
    [
        'joins of tables with the same names',
        'select payment.id, event.id as e from payment join event on event.payment_id = payment.id',
        ['id: payment.id', 'e: Event.id'],
    ],
    [
        'common table expressions',
        'with one as (select id, amount as a from payment), two (x, y) as (select id, a * 2 from one) select x, y, one.a from two join one on one.id = x',
        ['x: payment.id', 'y = payment.amount', 'a: payment.amount'],
    ],
    [
        'subqueries of FROM',
        'select s.total from (select sum(amount) as total from payment group by currency) as s',
        ['total = payment.amount'],
    ],
    [
        'views',
        'select dear.twice, dear.id, renamed.b from dear join renamed on renamed.a = dear.id',
        ['twice = payment.amount', 'id: payment.id', 'b: payment.amount'],
    ],
    [
        'scalar subqueries, also correlated ones',
        'select id, (select usd from rate where rate.currency = payment.currency) as usd from payment',
        ['id: payment.id', 'usd = rate.usd'],
    ],
    [
        'cases and windows',
        'select case when amount > 1 then currency end as a, row_number() over (partition by currency order by id) as b from payment',
        ['a = payment.amount payment.currency', 'b = payment.currency payment.id'],
    ],
    [
        'unions, by place',
        'select id, amount from payment union all select id, null from event',
        ['id = payment.id Event.id', 'amount = payment.amount'],
    ],
    ['values', 'select column1 as a from (values (1), (2))', ['a = ']],
    [
        'table functions',
        'select json_each.value as v, event.id from event, json_each(event.details)',
        ['v = ', 'id: Event.id'],
    ],
    [
        'recursive ones, which are not followed',
        'with recursive up (n) as (select amount from payment union all select n + 1 from up where n < 9) select n from up',
        ['n = '],
    ],
])('%s', (_, select, origins) => {
    expect(told(select)).toEqual(origins);
});
