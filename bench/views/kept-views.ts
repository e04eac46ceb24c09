import type { KeptView } from './view-keeper.ts';

/** SELECTs that both take, over the shop. */
export const KEPT_VIEWS: readonly KeptView[] = [
    {
        name: 'inner join',
        key: 'purchase_id',
        select: 'select purchase_id, cents, country from purchase join customer on customer.customer_id = purchase.customer_id',
    },
    {
        name: '`->>`',
        key: 'customer_id',
        select: "select customer_id, country, tags ->> '$.tier' as tier from customer",
    },
    {
        name: 'many small groups',
        key: 'customer_id',
        select: 'select customer_id, count(*) as purchases, sum(cents) as cents from purchase group by customer_id',
    },
    {
        name: 'few large groups',
        key: 'day',
        select: 'select day, count(*) as purchases, sum(cents) as cents from purchase group by day',
    },
    {
        name: 'least and largest of a group',
        key: 'customer_id',
        select: 'select customer_id, min(cents) as least, max(cents) as largest from purchase group by customer_id',
    },
    {
        name: 'union',
        key: 'customer_id',
        select: 'select customer_id from customer union select customer_id from purchase',
    },
];
