import { expect, test } from 'vitest';
import { shopDatabase, upkeepOf } from './rules-case.ts';

/** The first row of a group in an order is read from an index, not sorted out of the group. */

const LAST = 'order by day desc, purchase_id desc limit 1';
const latest = (order: string, where = 'purchase.customer_id = customer.customer_id'): string =>
    `select customer_id, (select cents from purchase where ${where} ${order}) as cents from customer`;

interface Case {
    readonly name: string;
    readonly select: string;
    /** Columns of the index on `purchase`. */
    readonly columns: string | undefined;
    readonly before?: string;
}

const CASES: readonly Case[] = [
    { name: 'the latest of its group', select: latest(LAST), columns: 'customer_id, day, purchase_id' },
    { name: 'the first', select: latest('order by day limit 1'), columns: 'customer_id, day' },
    {
        name: 'the other side, by is, in parentheses, with a condition of its own',
        select: latest(LAST, "(customer.customer_id is purchase.customer_id) and status = 'paid'"),
        columns: 'customer_id, day, purchase_id',
    },
    {
        name: 'which of the group is the row itself',
        select: `select purchase_id, day from purchase where purchase_id = (select one.purchase_id from purchase as one join item on item.purchase_id = one.purchase_id where one.customer_id = purchase.customer_id order by one.day desc nulls last limit 1)`,
        columns: 'customer_id, day',
    },
    { name: 'two ways: sorted', select: latest('order by day desc, purchase_id limit 1'), columns: 'customer_id' },
    { name: 'by an expression: sorted', select: latest('order by abs(cents) limit 1'), columns: 'customer_id' },
    {
        name: 'in the order of another table: sorted',
        select: 'select customer_id, (select cents from purchase join item using (purchase_id) where purchase.customer_id = customer.customer_id order by quantity limit 1) as cents from customer',
        columns: 'customer_id',
    },
    {
        name: 'an index in this order is there',
        before: 'create index own on purchase (customer_id, day, purchase_id)',
        select: latest(LAST),
        columns: undefined,
    },
    {
        name: 'an index that only begins so is not enough',
        before: 'create index own on purchase (customer_id)',
        select: latest(LAST),
        columns: 'customer_id, day, purchase_id',
    },
];

test.each(CASES)('$name', ({ select, columns, before = '' }) => {
    const database = shopDatabase();
    database.exec(before);
    const { text } = upkeepOf(
        database,
        select,
        select.startsWith('select customer_id') ? 'customer_id' : 'purchase_id',
    );
    const made = [...text.matchAll(/^create index if not exists \S+ on purchase \((customer_id.*)\);$/gm)];
    expect(made.map(([, list]) => list)).toEqual(columns === undefined ? [] : [columns]);
    database.exec(made.map(([sql]) => sql).join('\n'));
    const plan = database.prepare(`explain query plan ${select}`).all() as { detail: string }[];
    const isSorted = plan.some(({ detail }) => detail.includes('TEMP B-TREE FOR ORDER BY'));
    expect(isSorted).toBe(columns === 'customer_id');
    database.close();
});
