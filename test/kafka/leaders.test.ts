import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../support/follow-world.ts';
import { brokerForTests, hasKafka } from '../support/kafka.ts';
import { Broker } from '../support/kafka-broker.ts';
import { messagesOf } from './kill-rounds.ts';
import { TopicWorld } from './topic-world.ts';

/** Leaders that change, and connections that are idle: the follower continues by itself, and doubles nothing. */

const IDLE_MS = 1_500;
const SOURCE = 'create table T (id integer primary key, note text);\n';

/** Another broker of the same cluster, which does not control it. */
function second(first: Broker): Promise<Broker> {
    return Broker.start({
        settings: ({ PLAINTEXT }) => [
            'process.roles=broker',
            'node.id=2',
            `listeners=PLAINTEXT://127.0.0.1:${PLAINTEXT}`,
            `controller.quorum.voters=1@127.0.0.1:${first.ports.CONTROLLER}`,
        ],
    });
}

describe.skipIf(!hasKafka)('a cluster of two brokers', () => {
    const broker = brokerForTests({ settings: [`connections.max.idle.ms=${IDLE_MS}`] });
    const following = async (topic: string, count: number) => {
        const world = new TopicWorld(broker(), { [topic]: SOURCE.replace('T', topic) });
        onTestFinished(() => world.close());
        const follower = world.follow([topic]);
        const has = (rows: number) =>
            until(
                () => world.count(`stg_${topic}`) === rows,
                () => follower.printed,
            );
        await has(count);
        return { world, follower, has };
    };

    it('connections that the broker closes because nobody used them are opened again, without a word', async () => {
        const topic = 'idle';
        await broker().createTopic(topic);
        await broker().send(topic, messagesOf(0, 10));
        const { follower, has } = await following(topic, 10);
        // Several times as long as the broker waits, and the cluster is asked in between.
        await sleep(8 * IDLE_MS);
        await broker().send(topic, messagesOf(10, 10));
        await has(20);
        await follower.stop();
        expect([follower.status, follower.printed]).toEqual([0, expect.not.stringContaining('SOURCE_UNREACHABLE')]);
    }, 60_000);

    it('a leader that goes, and comes back', async () => {
        const other = await second(broker());
        onTestFinished(() => other.stop());
        const topic = 'moves';
        await broker().admin.createTopics({
            topics: [topic],
            partitions: -1,
            replicas: -1,
            assignments: [
                { partition: 0, brokers: [2, 1] },
                { partition: 1, brokers: [1, 2] },
            ],
        } as never);
        const leaders = async (): Promise<readonly number[]> => {
            const { topics } = await broker().admin.metadata({ topics: [topic], forceUpdate: true });
            return topics.get(topic)?.partitions.map(({ leader }) => leader) ?? [];
        };
        await until(
            async () => (await leaders()).join() === '2,1',
            () => 'no leaders',
        );
        await broker().send(topic, messagesOf(0, 100));
        const { world, follower, has } = await following(topic, 100);
        // Its partition is led by the other one then; a broker that is asked for what it does not lead says so.
        await other.halt();
        await until(
            async () => (await leaders()).join() === '1,1',
            () => 'the leader has not moved',
        );
        await broker().send(topic, messagesOf(100, 100));
        await has(200);
        await other.run();
        await broker().send(topic, messagesOf(200, 100));
        await has(300);
        await follower.stop();
        expect(follower.status).toBe(0);
        expect(
            world.rows(`select count(distinct id) as ids, count(distinct _lsn) as places from stg_${topic}`),
        ).toEqual([{ ids: 300, places: 300 }]);
        await world.ran(['verify']);
    }, 120_000);
});
