import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../support/follow-world.ts';
import { brokerForTests, hasKafka } from '../support/kafka.ts';
import type { Broker } from '../support/kafka-broker.ts';
import { Random } from '../support/random.ts';
import { killedRounds, messagesOf } from './kill-rounds.ts';
import { TopicWorld } from './topic-world.ts';

/** Killed with a signal that cannot be caught, and a broker that goes: in the end everything is there, once. */

const KILLS = 8;

async function undisturbed(broker: Broker, world: TopicWorld, topic: string): Promise<void> {
    const other = new TopicWorld(broker, { [topic]: `create table ${topic} (id integer primary key, note text);\n` });
    await other.load([topic]);
    const rows = `select id, note, _lsn from stg_${topic} order by _lsn`;
    expect(world.rows(rows)).toEqual(other.rows(rows));
    expect(world.offsets()).toEqual(other.offsets());
    await world.ran(['verify']);
}

describe.skipIf(!hasKafka)('a follower of topics, disturbed', () => {
    const broker = brokerForTests();

    it('killed at every place where a crash is hard to survive, and at random', async () => {
        const topic = 'killed';
        await broker().createTopic(topic, 3);
        const world = new TopicWorld(broker(), {
            [topic]: `create table ${topic} (id integer primary key, note text);\n`,
        });
        onTestFinished(() => world.close());
        for (const [index, place] of ['landed', 'transformed', 'committed'].entries()) {
            await broker().send(topic, messagesOf(index * 100, 100));
            const killed = await world.follow([topic], [], { ELT_FAILPOINT: place }).ended();
            expect([place, killed.signal]).toEqual([place, 'SIGKILL']);
        }
        const seed = 11;
        await killedRounds({ broker: broker(), world, topic, random: new Random(seed), kills: KILLS, first: 300 });
        await world.load([topic]);
        await undisturbed(broker(), world, topic);
    }, 180_000);

    it('a broker that is stopped, killed and started again: the follower continues by itself', async () => {
        const topic = 'gone';
        await broker().createTopic(topic, 2);
        const world = new TopicWorld(broker(), {
            [topic]: `create table ${topic} (id integer primary key, note text);\n`,
        });
        onTestFinished(() => world.close());
        const following = world.follow([topic]);
        await following.says('following');
        for (const [index, signal] of (['SIGTERM', 'SIGKILL'] as const).entries()) {
            await broker().send(topic, messagesOf(index * 50, 50));
            await until(
                () => world.count(`stg_${topic}`) >= index * 50 + 25,
                () => following.printed,
            );
            await broker().halt(signal);
            await following.says('SOURCE_UNREACHABLE');
            await sleep(500);
            await broker().run();
        }
        await broker().send(topic, messagesOf(100, 50));
        await until(
            () => world.count(`stg_${topic}`) === 150,
            () => following.printed,
        );
        await following.stop();
        expect(following.status).toBe(0);
        await undisturbed(broker(), world, topic);
    }, 180_000);
});
