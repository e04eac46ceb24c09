import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../support/follow-world.ts';
import { brokerForTests, hasKafka } from '../support/kafka.ts';
import { TopicWorld } from './topic-world.ts';

/** A topic of JSON rows, landed exactly once. */

const ORDERS = `-- topics: orders
create table orders (id integer primary key, customer text not null, total numeric);
`;

const order = (id: number) => ({
    key: String(id),
    value: JSON.stringify({ id, customer: `c${id % 7}`, total: id + 0.5 }),
    partition: id % 3,
});

describe.skipIf(!hasKafka)('elt and a topic of rows', () => {
    const broker = brokerForTests();

    it('lands each message once, however often it is run, with its place', async () => {
        const world = new TopicWorld(broker(), { orders: ORDERS });
        await broker().createTopic('orders', 3);
        await broker().send(
            'orders',
            Array.from({ length: 2_000 }, (_, index) => order(index)),
        );
        const ran = await world.load(['orders'], ['--chunk', '500']);
        expect(ran.stderr).toContain('orders/0@0, orders/1@0, orders/2@0');
        expect(world.rows('select count(*) as n, count(distinct _lsn) as places from stg_orders')).toEqual([
            { n: 2_000, places: 2_000 },
        ]);
        expect(world.offsets()).toEqual(['orders/0@667', 'orders/1@667', 'orders/2@666']);
        await world.load(['orders']);
        expect(world.count('stg_orders')).toBe(2_000);
        await broker().send('orders', [order(2_000)]);
        await world.load(['orders']);
        expect(world.rows('select id, customer, total, _lsn from stg_orders where id = 2000')).toEqual([
            { id: 2000, customer: 'c5', total: '2000.5', _lsn: 'orders/2@666' },
        ]);
        await world.ran(['verify']);
    });

    it('follows until it is asked to stop, and continues there', async () => {
        const world = new TopicWorld(broker(), {
            visits: 'create table visits (id integer primary key, page text);\n',
        });
        onTestFinished(() => world.close());
        await broker().createTopic('visits', 2);
        const following = world.follow(['visits']);
        await following.says('following');
        await broker().send('visits', [{ key: '1', value: '{"id":1,"page":"a"}' }]);
        await until(
            () => world.count('stg_visits') === 1,
            () => following.printed,
        );
        await following.stop();
        expect(following.status).toBe(0);
        await broker().send('visits', [{ key: '2', value: '{"id":2,"page":"b"}' }]);
        const again = world.follow(['visits']);
        await until(
            () => world.count('stg_visits') === 2,
            () => again.printed,
        );
        await again.stop();
        expect(world.rows('select id, page from stg_visits order by id')).toEqual([
            { id: 1, page: 'a' },
            { id: 2, page: 'b' },
        ]);
    });
});
