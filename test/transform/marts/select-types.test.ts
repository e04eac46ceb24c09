import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { parseSelect } from '../../../src/sql/grammar/parse-select.ts';
import { readSchema } from '../../../src/transform/marts/read-schema.ts';
import { selectTypes } from '../../../src/transform/marts/types/select-types.ts';

const SCHEMA = `
create table event (id integer, value text, details text) strict;
create table loose (id integer, value text);
create view dear (a, b) as select id, value from event;
`;

test.each<[what: string, select: string, types: readonly string[]]>([
    [
        'columns, through a view and a CTE',
        'with named as (select b, a from dear) select * from named',
        ['text', 'integer'],
    ],
    ['a table that is not STRICT', 'select id from loose', ['any']],
    ['two sides that differ', 'select id from event union all select value from event', ['any']],
    ['a side that is null', 'select id from event union all select null', ['integer']],
    ['rows of VALUES', "values (1, 'a', null), (2, 3, null)", ['integer', 'any', 'null']],
    [
        'columns of a table function',
        'select each.key, each.type, each.id from event, json_each(details) as each',
        ['any', 'text', 'integer'],
    ],
    // `value` is the function's, not the column of that name around it.
    ['a column of a function in a subquery', "select (select value from json_each('[1]')) as v from event", ['any']],
])('the types of %s', (_, select, types) => {
    const database = new Sqlite(':memory:');
    database.exec(SCHEMA);
    const parsed = parseSelect(select);
    expect(parsed && selectTypes(parsed, readSchema(database, new Map()))).toEqual(types);
    database.close();
});
