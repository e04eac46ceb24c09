import { Consumer } from '@platformatic/kafka';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../support/follow-world.ts';
import { brokerForTests, hasKafka } from '../support/kafka.ts';
import type { Broker } from '../support/kafka-broker.ts';
import { type Sent, sendWith } from '../support/topic-producer.ts';
import { TopicWorld } from './topic-world.ts';

/** Transactions of producers: what was given up never lands, and what is open waits. */

const SOURCE = 'create table T (id integer primary key, tag text, pad text);\n';
let ids = 0;
const rows = (tag: string, count: number, pad = ''): readonly Sent[] =>
    Array.from({ length: count }, () => {
        const id = ids++;
        return { key: String(id), value: JSON.stringify({ id, tag, pad }) };
    });

async function inTransaction(
    broker: Broker,
    topic: string,
    parts: readonly (readonly [tag: string, count: number, commits: boolean, pad?: string])[],
): Promise<void> {
    const producer = broker.producer({ transactionalId: `tx-${topic}` });
    try {
        for (const [tag, count, commits, pad] of parts) {
            const transaction = await producer.beginTransaction();
            await sendWith(transaction as never, topic, rows(tag, count, pad));
            await (commits ? transaction.commit() : transaction.abort());
        }
    } finally {
        await producer.close();
    }
}

const PAD = 'x'.repeat(1_000);
const CASES = [
    [
        'one',
        [
            ['C1', 10, true],
            ['a1', 10, false],
            ['C2', 10, true],
        ],
    ],
    [
        'two',
        [
            ['C1', 10, true],
            ['a1', 10, false],
            ['a2', 10, false],
            ['C2', 10, true],
        ],
    ],
    // Several fetches long: the transaction is known to be given up long before its end comes.
    [
        'big',
        [
            ['C1', 10, true],
            ['a1', 4_000, false, PAD],
            ['C2', 10, true],
        ],
    ],
] as const;

describe.skipIf(!hasKafka)('transactions of producers', () => {
    const broker = brokerForTests();

    it.each(CASES)('%s: nothing that was given up lands, wherever reading begins anew', async (topic, parts) => {
        await broker().createTopic(topic);
        await inTransaction(broker(), topic, parts);
        const world = new TopicWorld(broker(), { [topic]: SOURCE.replace('T', topic) });
        await world.load([topic]);
        const tags = `select tag, count(*) as n from "stg_${topic}" group by tag order by tag`;
        expect(world.rows(tags)).toEqual([
            { tag: 'C1', n: 10 },
            { tag: 'C2', n: 10 },
        ]);
        // Ends of transactions take offsets too, and do not hold reading up.
        const count = parts.reduce((sum, [, messages]) => sum + messages, 0) + parts.length;
        expect(world.offsets()).toEqual([`${topic}/0@${count}`]);
        // Reading that begins inside what was given up.
        const inside = new TopicWorld(broker(), { [topic]: SOURCE.replace('T', topic) });
        await inside.load([topic], ['--from', '15']);
        expect(inside.rows(tags)).toEqual([{ tag: 'C2', n: 10 }]);
    });

    it('the stream of the client library gives what was given up: the reason for our own filter', async () => {
        await broker().createTopic('library');
        await inTransaction(broker(), 'library', CASES[1][1]);
        const consumer = new Consumer({
            groupId: 'library',
            clientId: 'library',
            bootstrapBrokers: [`127.0.0.1:${broker().port}`],
        });
        onTestFinished(() => consumer.close(true) as Promise<void>);
        const stream = await consumer.consume({
            topics: ['library'],
            mode: 'earliest',
            isolationLevel: 1,
            autocommit: false,
            maxWaitTime: 200,
        } as never);
        const tags: string[] = [];
        for await (const message of stream) {
            const { tag } = JSON.parse(String((message as { value: Buffer }).value)) as { tag: string };
            tags.push(tag);
            if (tag === 'C2') {
                break;
            }
        }
        // Once this fails, the library filters as it should: see docs/decisions.md.
        expect(tags.filter((tag) => tag.startsWith('a')).length).toBeGreaterThan(0);
    });

    it('of an open transaction nothing is read, nor of what lies behind it', async () => {
        await broker().createTopic('open');
        await broker().send('open', rows('before', 3));
        const world = new TopicWorld(broker(), { open: SOURCE.replace('T', 'open') });
        onTestFinished(() => world.close());
        const producer = broker().producer({ transactionalId: 'tx-open' });
        const transaction = await producer.beginTransaction();
        await sendWith(transaction as never, 'open', rows('inside', 5));
        await broker().send('open', rows('behind', 4));
        await world.load(['open']);
        expect(world.rows('select tag, count(*) as n from stg_open group by tag')).toEqual([{ tag: 'before', n: 3 }]);
        expect((await world.ran(['source', 'check', broker().address('open')])).stdout).toContain('transaction open');
        const following = world.follow(['open']);
        await following.says('following');
        await transaction.commit();
        await producer.close();
        await until(
            () => world.count('stg_open') === 12,
            () => following.printed,
        );
        await following.stop();
        expect(world.offsets()).toEqual(['open/0@13']);
    });
});
