import { expect, it } from 'vitest';
import { namedTable, relationText } from '../../src/sql/relation-name.ts';

const CASES: readonly (readonly [word: string, schema: string, table: string])[] = [
    ['orders', 'public', 'orders'],
    ['sales.orders', 'sales', 'orders'],
    ['sales.*', 'sales', '*'],
    ['my orders', 'public', 'my orders'],
    ['Sales.Orders', 'Sales', 'Orders'],
    ['"Sales"."my orders"', 'Sales', 'my orders'],
    ['sales."a.b"', 'sales', 'a.b'],
    ['"a ""b"""', 'public', 'a "b"'],
    ['a"b', 'public', 'a"b'],
    ['sales.a"b', 'sales', 'a"b'],
];

it.each(CASES)('%s is a table', (word, schema, table) => {
    expect(namedTable(word)).toEqual({ schema, table });
});

it('a name as commands print it is that table', () => {
    for (const [, schema, table] of CASES) {
        expect(namedTable(relationText(schema, table))).toEqual({ schema, table });
    }
});
