import { expect, test } from 'vitest';
import { relationsNamed } from '../../src/sql/relations-named.ts';

/** A column that is called like a table is not that table. */

const CASES: readonly (readonly [sql: string, names: readonly string[]])[] = [
    ['select tags from customer', ['customer']],
    ['select customer.tags, tags as x from customer', ['customer']],
    ['select 1 from customer, tags', ['customer', 'tags']],
    ['select 1 from customer as c, tags as t where c.a in (1, tags)', ['customer', 'tags']],
    ['select 1 from main.Customer', ['main', 'customer']],
    ['select 1 from "odd ""one" join [two]', ['odd "one', 'two']],
    ['select 1 from (a join b on a.x = b.x), c', ['a', 'b', 'c']],
    ['select 1 from (select x, tags from a), c group by x, tags', ['a', 'c']],
    ['select 1 from a join b using (x, tags), c order by x, tags', ['a', 'b', 'c']],
    ['select 1 from a left join json_each(a.tags, x) as t', ['a', 'json_each']],
    ['select 1 from a where x is distinct from tags', ['a']],
    ['select 1 from a where x in tags', ['a', 'tags']],
    ['select 1 from a where x in (select y from b) and z = tags', ['a', 'b']],
    ['select 1 from a union all select tags, x from b', ['a', 'b']],
    ['select sum(x) over (partition by x, tags order by y, tags) from a', ['a']],
    ['with w as (select tags from a) select 1 from w, b', ['a', 'w', 'b']],
    ['insert into a (x, tags) select 1, tags from b where true on conflict (x) do update set tags = 1', ['a', 'b']],
    ['insert or ignore into a select 1', ['a']],
    ['update or ignore a set tags = 1, x = tags', ['a']],
    ['delete from a where tags', ['a']],
    ['drop table if exists a', ['a']],
    ['alter table a add column tags text', ['a']],
    ['create index if not exists i on a (tags, x)', ['a']],
    ['create table a (x integer, tags text references b (tags))', ['a', 'b']],
    [
        'create trigger t after update of tags on a when new.tags begin insert into b select tags from c, d; end',
        ['a', 'b', 'c', 'd'],
    ],
    ['drop index if exists tags; select 1 from a; delete from b', ['a', 'b']],
    ["select 'from tags' -- from tags\nfrom a", ['a']],
];

test.each(CASES)('%s', (sql, names) => {
    expect([...relationsNamed(sql)].sort()).toEqual([...names].sort());
});
