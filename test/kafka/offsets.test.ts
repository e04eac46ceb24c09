import { Consumer } from '@platformatic/kafka';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../support/follow-world.ts';
import { brokerForTests, hasKafka } from '../support/kafka.ts';
import type { Broker } from '../support/kafka-broker.ts';
import { type Sent, sendWith } from '../support/topic-producer.ts';
import { TopicWorld } from './topic-world.ts';

/** Where reading continues, and everything that would be a hole: an error of its own, and nothing landed. */

const SOURCE = 'create table T (id integer primary key, note text);\n';
const rows = (from: number, to: number, partition = 0): readonly Sent[] =>
    Array.from({ length: to - from }, (_, index) => ({
        key: String(from + index),
        value: JSON.stringify({ id: from + index, note: `n${from + index}` }),
        partition,
    }));

/** A world in which that many messages of a topic have landed. */
async function landed(broker: Broker, topic: string, count: number, partitions = 1): Promise<TopicWorld> {
    const world = new TopicWorld(broker, { [topic]: SOURCE.replace('T', topic) });
    await broker.createTopic(topic, partitions);
    await broker.send(topic, rows(0, count));
    await world.load([topic]);
    return world;
}

function stored(world: TopicWorld, sql: string): void {
    const database = new Database(world.file);
    database.exec(sql);
    database.close();
}

interface Loss {
    readonly name: string;
    readonly code: string;
    readonly says: readonly string[];
    /** What happens to the topic, of which 5 messages have landed. */
    readonly happens: (broker: Broker, world: TopicWorld, topic: string) => Promise<void>;
    /** With this nothing is lost silently, and reading continues there. */
    readonly from: string;
    readonly ids: readonly number[];
}

const deleteTo = async (broker: Broker, topic: string, offset: number): Promise<void> => {
    await broker.admin.deleteRecords({
        topics: [{ name: topic, partitions: [{ partition: 0, offset: BigInt(offset) }] }],
    });
};
const recreate = async (broker: Broker, topic: string, count: number): Promise<void> => {
    await broker.admin.deleteTopics({ topics: [topic] });
    await broker.createTopic(topic);
    await broker.send(topic, rows(100, 100 + count));
};

const LOSSES: readonly Loss[] = [
    {
        name: 'messages were deleted before they landed',
        code: 'OFFSET_LOST',
        says: ['stored offset 5; the first is 8, the last 9: 3 are lost', '--from earliest'],
        happens: async (broker, _, topic) => {
            await broker.send(topic, rows(5, 10));
            await deleteTo(broker, topic, 8);
        },
        from: 'earliest',
        ids: [0, 1, 2, 3, 4, 8, 9],
    },
    {
        name: 'the topic ends before what has landed',
        code: 'OFFSET_AHEAD',
        says: ['stored offset 50; the first is 0, the last 4'],
        happens: async (_, world) => stored(world, 'update elt_topic_partitions set next_offset = 50'),
        from: '3',
        ids: [0, 1, 2, 3, 3, 4, 4],
    },
    {
        name: 'a leader was elected that lacked what has landed, and has other messages there',
        code: 'OFFSET_AHEAD',
        says: ['stored offset 8', 'that epoch ends at 5', '"--from 5"'],
        happens: async (broker, world, topic) => {
            await broker.halt();
            await broker.run();
            await broker.send(topic, rows(5, 10));
            // As if three more had landed from the leader of before.
            stored(world, 'update elt_topic_partitions set next_offset = 8');
        },
        from: '5',
        ids: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    },
    {
        name: 'the topic was created again, and is shorter',
        code: 'TOPIC_RECREATED',
        says: ['first offset 0, last 1', 'stored offset 5'],
        happens: async (broker, _, topic) => await recreate(broker, topic, 2),
        from: 'earliest',
        ids: [0, 1, 2, 3, 4, 100, 101],
    },
    {
        name: 'the topic was created again, and is longer than what has landed',
        code: 'TOPIC_RECREATED',
        says: ['first offset 0, last 7', 'stored offset 5'],
        happens: async (broker, _, topic) => await recreate(broker, topic, 8),
        from: 'latest',
        ids: [0, 1, 2, 3, 4],
    },
];

describe.skipIf(!hasKafka)('where reading continues', () => {
    const broker = brokerForTests();

    it.each(LOSSES.map((loss, index) => [loss.name, loss, `loss${index}`] as const))(
        '%s',
        async (_, { code, says, happens, from, ids }, topic) => {
            const world = await landed(broker(), topic, 5);
            await happens(broker(), world, topic);
            const before = world.offsets();
            const ran = await world.load([topic], [], 3);
            for (const text of [`error ${code}:`, ...says, `${topic}/0@`]) {
                expect(ran.stderr).toContain(text);
            }
            expect([world.count(`stg_${topic}`), world.offsets()]).toEqual([5, before]);
            // It stays so, however often it is tried; and it is said in advance.
            await world.load([topic], [], 3);
            const checked = await world.elt(['source', 'check', world.broker.address(topic)]);
            expect([checked.status, checked.stdout]).toEqual([3, expect.stringContaining(code)]);
            await world.load([topic], ['--from', from]);
            expect(world.rows(`select id from stg_${topic} order by id`).map(({ id }) => id)).toEqual(ids);
            expect(world.rows('select topic, reason, was_offset from elt_topic_resets')).toHaveLength(1);
            expect((await world.ran(['source', 'status'])).stdout).toContain(`(${code})`);
            await world.load([topic]);
            expect(world.count(`stg_${topic}`)).toBe(ids.length);
        },
    );

    it('while it follows: the error comes then', async () => {
        const world = await landed(broker(), 'running', 5);
        onTestFinished(() => world.close());
        const following = world.follow(['running']);
        await following.says('following');
        await recreate(broker(), 'running', 3);
        await following.ended();
        expect([following.status, following.stderr]).toEqual([3, expect.stringMatching(/TOPIC_(RECREATED|MISSING)/)]);
        expect(world.count('stg_running')).toBe(5);
    });

    it('another cluster, a topic that is not there', async () => {
        const world = await landed(broker(), 'here', 5);
        const missing = await world.load(['nowhere'], [], 3);
        expect(missing.stderr).toContain('error TOPIC_MISSING: the cluster has no topic "nowhere"');
        stored(world, "update elt_clusters set cluster_id = 'another'");
        const other = await world.load(['here'], [], 3);
        expect(other.stderr).toContain('error SOURCE_DIFFERENT:');
        await world.ran(['source', 'drop', '--offline']);
        await world.load(['here'], ['--from', 'latest']);
        expect(world.count('stg_here')).toBe(5);
    });

    it('begins where it is asked to; what is stored wins', async () => {
        const world = await landed(broker(), 'first', 5);
        await world.load(['first'], ['--from', 'earliest']);
        expect(world.count('stg_first')).toBe(5);
        for (const [from, count] of [
            ['latest', 0],
            ['3', 2],
            ['earliest', 5],
        ] as const) {
            const other = new TopicWorld(broker(), { first: SOURCE.replace('T', 'first') });
            await other.load(['first'], ['--from', from]);
            expect([from, other.count('stg_first')]).toEqual([from, count]);
        }
    });

    it('a partition that is added is read from its first message', async () => {
        const world = await landed(broker(), 'grows', 5);
        onTestFinished(() => world.close());
        const following = world.follow(['grows']);
        await following.says('following');
        await broker().admin.createPartitions({
            topics: [{ name: 'grows', count: 2, assignments: [{ brokerIds: [1] }] }],
        } as never);
        // A producer that knows of the partition.
        const producer = broker().producer();
        await sendWith(producer, 'grows', rows(5, 9, 1));
        await producer.close();
        await until(
            () => world.count('stg_grows') === 9,
            () => following.printed,
        );
        await following.stop();
        expect(world.offsets()).toEqual(['grows/0@5', 'grows/1@4']);
        expect(following.printed).toContain('has 2 partitions now');
    });

    it('a consumer group hears what has landed, where one is named, and is never asked', async () => {
        const group = 'somebody';
        const asked = async (): Promise<readonly bigint[]> => {
            const groups = await broker().admin.listConsumerGroupOffsets({ groups: [group] });
            return groups.flatMap(({ topics }) =>
                topics.flatMap(({ partitions }) => partitions.map((one) => one.committedOffset)),
            );
        };
        const world = await landed(broker(), 'heard', 5);
        expect(await asked()).toEqual([]);
        await broker().send('heard', rows(5, 8));
        await world.load(['heard'], ['--group', group]);
        expect(await asked()).toEqual([8n]);
        const topics = [{ name: 'heard', partitionOffsets: [{ partition: 0, offset: 2n }] }];
        await broker().admin.alterConsumerGroupOffsets({ groupId: group, topics });
        await world.load(['heard'], ['--group', group]);
        expect([world.count('stg_heard'), world.offsets()]).toEqual([8, ['heard/0@8']]);
        await broker().send('heard', rows(8, 9));
        await world.load(['heard'], ['--group', group]);
        expect(await asked()).toEqual([9n]);
    });

    it('a consumer group with members of its own refuses: a note, and everything lands', async () => {
        const world = await landed(broker(), 'theirs', 5);
        const bootstrapBrokers = [`127.0.0.1:${broker().port}`];
        const consumer = new Consumer({ groupId: 'theirs', clientId: 'theirs', bootstrapBrokers });
        onTestFinished(() => consumer.close(true) as Promise<void>);
        await consumer.joinGroup({});
        await broker().send('theirs', rows(5, 8));
        const ran = await world.load(['theirs'], ['--group', 'theirs']);
        expect(world.count('stg_theirs')).toBe(8);
        const following = world.follow(['theirs'], ['--group', 'theirs']);
        onTestFinished(() => world.close());
        await broker().send('theirs', rows(8, 9));
        await following.says(/the group "theirs" does not hear what lands: .*theirs/);
        await following.stop();
        expect([ran.status, world.count('stg_theirs')]).toEqual([0, 9]);
    });

    it('the lag is what the broker says', async () => {
        const world = await landed(broker(), 'lags', 5);
        await broker().send('lags', rows(5, 12));
        const { stdout } = await world.ran(['source', 'status', '--json']);
        const status = JSON.parse(stdout) as { lagMessages: number; partitions: { endOffset: number }[] };
        expect([status.lagMessages, status.partitions[0]?.endOffset]).toEqual([7, 12]);
        await world.load(['lags']);
        expect((await world.ran(['source', 'status'])).stdout).toContain('everything has landed');
    });
});
