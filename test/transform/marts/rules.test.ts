import { describe, expect, test } from 'vitest';
import type { Database } from '../../../src/sqlite/database.ts';
import { explainQuestion } from '../../../src/transform/marts/find-scans.ts';
import { textOf } from './mart-case.ts';
import { shopDatabase, upkeepOf } from './rules-case.ts';

/** How each construct of a SELECT is kept up to date, in words; and that its upkeep is right along a history. */

interface Case {
    readonly construct: string;
    readonly key: string;
    readonly select: string;
    readonly how: string;
    /** Tables that a run reads from end to end, whatever has changed. */
    readonly scanned?: readonly string[];
}

const CASES: readonly Case[] = [
    {
        construct: 'table of the key',
        key: 'purchase_id',
        select: "select purchase_id, cents from purchase where status = 'paid'",
        how: '1 arm (purchase); compared in full: never',
    },
    {
        construct: 'inner join',
        key: 'purchase_id',
        select: 'select purchase_id, country from purchase join customer on customer.customer_id = purchase.customer_id',
        how: '2 arms (purchase, customer); compared in full: never',
    },
    {
        construct: 'chain of joins',
        key: 'item_id',
        select: 'select item_id, country from item join purchase on purchase.purchase_id = item.purchase_id join customer on customer.customer_id = purchase.customer_id',
        how: '3 arms (item, purchase, customer); compared in full: never',
    },
    {
        construct: 'window, and a key with a line feed in it',
        key: 'code',
        select: `select purchase_id || '\n' || status as code, count(*) over (partition by customer_id) as purchases from purchase where status is not null`,
        how: '2 arms (purchase); compared in full: never',
    },
    {
        construct: 'a value from another table, found by a text with a line feed',
        key: 'purchase_id',
        select: "select purchase_id from purchase where cents > (select value from setting where name || char(10) = 'limit\n')",
        how: '1 arm (purchase); compared in full: when setting changes (a subquery has no connection to the row that asks it)',
        scanned: ['setting'],
    },
    {
        construct: 'using',
        key: 'item_id',
        select: 'select item_id, cents from item join purchase using (purchase_id)',
        how: '2 arms (item, purchase); compared in full: never',
    },
    {
        construct: 'natural',
        key: 'item_id',
        select: 'select item_id, cents from item natural join purchase',
        how: '2 arms (item, purchase); compared in full: never',
    },
    {
        construct: 'inequality',
        key: 'purchase_id',
        select: 'select purchase_id, name from purchase left join setting on setting.value > purchase.cents where setting.name is null',
        how: '2 arms (purchase, setting); compared in full: never',
        scanned: ['purchase', 'setting'],
    },
    {
        construct: 'is',
        key: 'purchase_id',
        select: 'select purchase_id, customer.name from purchase join customer on customer.customer_id is purchase.customer_id',
        how: '2 arms (purchase, customer); compared in full: never',
    },
    {
        construct: 'row values',
        key: 'purchase_id',
        select: 'select purchase_id, name from purchase join setting on (setting.name, setting.value) = (purchase.status, purchase.cents)',
        how: '2 arms (purchase, setting); compared in full: never',
        scanned: ['purchase'],
    },
    {
        construct: 'left join',
        key: 'customer_id',
        select: 'select customer.customer_id, count(purchase.purchase_id) as purchases from customer left join purchase on purchase.customer_id = customer.customer_id group by customer.customer_id',
        how: '2 arms (customer, purchase); compared in full: never',
    },
    {
        construct: 'anti-join',
        key: 'customer_id',
        select: 'select customer.customer_id from customer left join purchase on purchase.customer_id = customer.customer_id where purchase.purchase_id is null',
        how: '2 arms (customer, purchase); compared in full: never',
    },
    {
        construct: 'right join',
        key: 'customer_id',
        select: 'select customer.customer_id, count(purchase_id) as n from purchase right join customer on purchase.customer_id = customer.customer_id group by customer.customer_id',
        how: '2 arms (customer, purchase); compared in full: never',
        scanned: ['purchase'],
    },
    {
        construct: 'full join',
        key: 'customer_id, purchase_id',
        select: 'select coalesce(customer.customer_id, 0) as customer_id, coalesce(purchase.purchase_id, 0) as purchase_id from customer full join purchase on purchase.customer_id = customer.customer_id',
        how: '8 arms (customer, customer and purchase, purchase, purchase and customer); compared in full: never',
        scanned: ['customer', 'purchase'],
    },
    {
        construct: 'view',
        key: 'purchase_id',
        select: 'select purchase_id from paid',
        how: '1 arm (purchase); compared in full: never',
    },
    {
        construct: 'cte twice',
        key: 'purchase_id',
        select: 'with p as (select * from purchase) select p.purchase_id, (select count(*) from p as q where q.customer_id = p.customer_id) as n from p',
        how: '2 arms (purchase); compared in full: never',
    },
    {
        construct: 'self join',
        key: 'purchase_id',
        select: 'select purchase.purchase_id from purchase join purchase as other on other.customer_id = purchase.customer_id and other.purchase_id < purchase.purchase_id group by purchase.purchase_id',
        how: '2 arms (purchase); compared in full: never',
    },
    {
        construct: 'union',
        key: 'kind, id',
        select: "select 'customer' as kind, customer_id as id from customer union all select 'purchase', purchase_id from purchase",
        how: '2 arms (customer, purchase); compared in full: never',
    },
    {
        construct: 'except',
        key: 'customer_id',
        select: 'select customer_id from customer except select customer_id from purchase',
        how: '2 arms (customer, purchase); compared in full: never',
    },
    {
        construct: 'distinct',
        key: 'customer_id',
        select: 'select distinct customer_id from purchase where customer_id is not null',
        how: '1 arm (purchase); compared in full: never',
    },
    {
        construct: 'group',
        key: 'country',
        select: 'select country, count(*) as n from customer where country is not null group by country',
        how: '1 arm (customer); compared in full: never',
    },
    {
        construct: 'group by expression',
        key: 'month',
        select: 'select substr(day, 1, 7) as month, sum(cents) as cents from purchase group by substr(day, 1, 7)',
        how: '1 arm (purchase); compared in full: never',
    },
    {
        construct: 'key of an aggregate',
        key: 'first',
        select: 'select min(purchase_id) as first, customer_id from purchase group by customer_id',
        how: 'no arms; compared in full: when purchase changes (no equal columns lead from it to the key)',
    },
    {
        construct: 'window in partition',
        key: 'purchase_id',
        select: 'select purchase_id, row_number() over (partition by customer_id order by purchase_id) as nth from purchase',
        how: '2 arms (purchase); compared in full: never',
    },
    {
        construct: 'window over all',
        key: 'purchase_id',
        select: 'select purchase_id, row_number() over (order by cents, purchase_id) as nth from purchase',
        how: 'no arms; compared in full: when purchase changes (a window looks at all rows)',
    },
    {
        construct: 'exists',
        key: 'customer_id',
        select: 'select customer_id from customer where exists (select 1 from purchase where purchase.customer_id = customer.customer_id)',
        how: '2 arms (customer, purchase); compared in full: never',
    },
    {
        construct: 'not exists',
        key: 'customer_id',
        select: 'select customer_id from customer where not exists (select 1 from purchase where purchase.customer_id = customer.customer_id)',
        how: '2 arms (customer, purchase); compared in full: never',
    },
    {
        construct: 'scalar with limit',
        key: 'customer_id',
        select: 'select customer_id, (select cents from purchase where purchase.customer_id = customer.customer_id order by day desc, purchase_id desc limit 1) as last from customer',
        how: '2 arms (customer, purchase); compared in full: never',
    },
    {
        construct: 'in',
        key: 'customer_id',
        select: "select customer_id from customer where customer_id in (select customer_id from purchase where status = 'paid')",
        how: '2 arms (customer, purchase); compared in full: never',
        scanned: ['purchase'],
    },
    {
        construct: 'not in',
        key: 'customer_id',
        select: 'select customer_id from customer where customer_id not in (select customer_id from purchase)',
        how: '2 arms (customer, purchase); compared in full: when purchase changes (a subquery has no connection to the row that asks it)',
    },
    {
        construct: 'not in, not null',
        key: 'purchase_id',
        select: 'select purchase_id from purchase where purchase_id not in (select item_id from item)',
        how: '2 arms (purchase, item); compared in full: never',
    },
    {
        construct: 'in a table',
        key: 'customer_id',
        select: 'select customer_id from customer where customer_id in allowed',
        how: '1 arm (customer); compared in full: never',
    },
    {
        construct: 'uncorrelated',
        key: 'purchase_id',
        select: "select purchase_id from purchase where cents > (select value from setting where name = 'limit')",
        how: '1 arm (purchase); compared in full: when setting changes (a subquery has no connection to the row that asks it)',
    },
    {
        construct: 'one row',
        key: 'one',
        select: 'select 1 as one, count(*) as n from purchase',
        how: '1 arm (purchase); compared in full: never; computed in full: the mart: an aggregate of all rows',
        scanned: ['purchase'],
    },
    {
        construct: 'limit',
        key: 'purchase_id',
        select: 'select purchase_id, cents from purchase order by cents desc, purchase_id limit 3',
        how: 'no arms; compared in full: when purchase changes (a limit looks at all rows)',
    },
    {
        construct: 'recursive',
        key: 'customer_id',
        select: 'with recursive up(customer_id, n) as (select customer_id, 1 from customer union select customer_id, n + 1 from up where n < 3) select customer_id, max(n) as n from up group by customer_id',
        how: 'no arms; compared in full: when customer changes ("up" is recursive)',
    },
    {
        construct: 'key of two tables',
        key: 'customer_id, sku',
        select: 'select purchase.customer_id, item.sku, sum(item.quantity) as n from purchase join item using (purchase_id) where purchase.customer_id is not null group by purchase.customer_id, item.sku',
        how: '3 arms (purchase, purchase and item, item); compared in full: never',
    },
    {
        construct: 'staging, added',
        key: '_seq',
        select: 'select _seq, page from stg_click',
        how: 'rows are only added; compared in full: never',
    },
    {
        construct: 'staging, grouped',
        key: 'page',
        select: 'select page, count(*) as n from stg_click group by page',
        how: '1 arm (stg_click); compared in full: never',
    },
    {
        construct: 'staging, joined',
        key: '_seq',
        select: 'select _seq, cents from stg_click as click join purchase on purchase.purchase_id = click.purchase_id',
        how: '2 arms (stg_click, purchase); compared in full: never',
        scanned: ['stg_click'],
    },
    {
        construct: 'json_each',
        key: 'customer_id, tag',
        select: 'select customer_id, tag.value as tag from customer, json_each(customer.tags) as tag',
        how: '1 arm (customer); compared in full: never',
    },
    {
        construct: 'json_each on a side that may be missing',
        key: 'purchase_id',
        select: 'select purchase_id from customer cross join json_each(customer.tags) as tag right join purchase on purchase.customer_id = customer.customer_id where customer.customer_id is null',
        how: '2 arms (purchase, customer); compared in full: never',
        scanned: ['customer'],
    },
    {
        construct: 'json_each alone',
        key: 'value',
        select: "select value, count(*) as n from json_each('[1,2]') group by value",
        how: 'no arms; compared in full: never',
    },
    {
        construct: 'parentheses',
        key: 'purchase_id',
        select: 'select purchase_id, name from (purchase join customer using (customer_id))',
        how: '2 arms (purchase, customer); compared in full: never; computed in full: the mart: joined tables in parentheses',
    },
    {
        construct: 'subquery in on',
        key: 'customer_id',
        select: 'select customer.customer_id, purchase_id from customer left join purchase on purchase.customer_id = (select max(value) from setting)',
        how: 'no arms; compared in full: always: a subquery stands in the "on" of an outer join',
    },
    {
        construct: 'collate group',
        key: 'country',
        select: 'select country collate nocase as country, count(*) as n from customer where country is not null group by country collate nocase',
        how: 'no arms; compared in full: always: a collation makes one text of several: country collate nocase',
    },
    {
        construct: 'collate comparison',
        key: 'customer_id',
        select: "select customer_id from customer where country = 'de' collate nocase",
        how: '1 arm (customer); compared in full: never',
    },
    {
        construct: 'collate table',
        key: 'code',
        select: 'select code, count(*) as n from countries join customer on countries.code = customer.country group by code',
        how: 'no arms; compared in full: always: "countries" has a column that makes one text of several by its collation',
    },
    {
        construct: 'having',
        key: 'customer_id',
        select: 'select customer_id, count(*) as n from purchase group by customer_id having count(*) > 1',
        how: '1 arm (purchase); compared in full: never',
    },
];

/** Rows come, change, move to other keys, lose what they join, and go. */
const HISTORY: readonly string[] = [
    `insert into customer values (1, 'Ada', 'GB', '["a","b"]'), (2, 'Linus', 'FI', '[]'), (3, 'Grace', null, null);
    insert into purchase values (10, 1, 500, '2026-01-05', 'paid'), (11, 1, 700, '2026-02-01', 'open'), (12, 2, 500, '2026-02-03', 'paid');
    insert into item values (100, 10, 's1', 2), (101, 10, 's2', 1), (102, 12, 's1', 4);
    insert into setting values ('limit', 400), ('paid', 500);
    insert into countries values ('GB', 'Britain'), ('fi', 'Finland');
    insert into allowed values (1), (3);
    insert into stg_click values (1, 'home', 10), (2, 'home', null);`,
    'update purchase set customer_id = 3, cents = 900 where purchase_id = 10',
    "update customer set country = 'gb' where customer_id = 3; insert into item values (103, 11, 's1', 1)",
    "update customer set country = 'fi' where country = 'GB'; update setting set value = 800 where name = 'limit'",
    "delete from item where item_id = 101; update purchase set status = 'paid', day = '2026-01-31' where purchase_id = 11",
    "insert into stg_click values (3, 'cart', 12), (4, 'home', 11); update purchase set customer_id = null where purchase_id = 12",
    'update customer set customer_id = 4 where customer_id = 1; update purchase set customer_id = 4 where customer_id = 3',
    "insert into purchase values (13, 2, 100, '2026-03-01', 'void'); update item set purchase_id = 13, sku = 's3' where item_id = 100",
    `update customer set tags = '["b","c"]'; delete from setting where name = 'limit'`,
    'delete from purchase where purchase_id = 10',
    'delete from customer where customer_id = 2; delete from item where true',
    'delete from purchase where true',
];

describe('how a mart is kept up to date', () => {
    test.each(CASES)('$construct', ({ select, key, how, scanned = [] }) => {
        const database = shopDatabase();
        const upkeep = upkeepOf(database, select, key);
        expect(upkeep.how.text).toBe(how);
        for (const changes of HISTORY) {
            database.exec(changes);
            landed(database);
            database.exec(upkeep.text);
            expect(rowsOf(database, 'select * from mart'), changes).toEqual(rowsOf(database, select));
            for (const { badThing, sql } of upkeep.tests) {
                expect(database.prepare(sql).all(), badThing).toEqual([]);
            }
            forgetImages(database);
        }
        const plans = upkeep.questions.map((question) => explainQuestion(database, question));
        expect([...new Set(plans.flatMap((plan) => plan.scanned))]).toEqual(scanned);
        database.close();
    });
});

/** What has landed is whole, and the models of all tables have run. */
function landed(database: Database): void {
    database.exec(`update elt_stream
        set last_seq = (select coalesce(max(_seq), 0) from stg_click), whole_seq = (select coalesce(max(_seq), 0) from stg_click);
        update elt_watermarks set watermark = (select whole_seq from elt_stream) where model <> 'mart';`);
}

function forgetImages(database: Database): void {
    for (const name of ['customer', 'purchase', 'item', 'setting']) {
        database.exec(`delete from changed_${name}`);
    }
}

function rowsOf(database: Database, select: string): readonly string[] {
    return database
        .prepare(select)
        .raw()
        .all()
        .map((row) => textOf(row as unknown[]))
        .sort();
}
