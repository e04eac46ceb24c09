import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker } from '../support/kafka-broker.ts';
import type { Random } from '../support/random.ts';
import type { Sent } from '../support/topic-producer.ts';
import type { TopicWorld } from './topic-world.ts';

export interface Rounds {
    readonly broker: Broker;
    readonly world: TopicWorld;
    readonly topic: string;
    readonly random: Random;
    readonly kills: number;
    /** The id of the first message that is sent. */
    readonly first: number;
    readonly told?: (kill: number) => void;
}

/** Messages with these ids, over three partitions. */
export function messagesOf(first: number, count: number): readonly Sent[] {
    return Array.from({ length: count }, (_, index) => ({
        key: String(first + index),
        value: JSON.stringify({
            id: first + index,
            note: `note ${first + index} ${'x'.repeat((first + index) % 200)}`,
        }),
    }));
}

/** Sends messages, and kills the follower at a random moment, again and again. */
export async function killedRounds({ broker, world, topic, random, kills, first, told }: Rounds): Promise<void> {
    let next = first;
    for (let kill = 0; kill < kills; kill++) {
        const count = random.int(200, 3_000);
        await broker.send(topic, messagesOf(next, count));
        next += count;
        const words = random.int(0, 1) === 0 ? [] : ['--chunk', String(random.int(50, 700))];
        const following = world.follow([topic], words);
        // Mostly while it lands: on a busy machine a start alone takes longer than a second.
        if (random.int(0, 3) > 0) {
            await following.says('following');
            await sleep(random.int(0, 900));
        } else {
            await sleep(random.int(300, 1_800));
        }
        await following.stop('SIGKILL');
        told?.(kill + 1);
    }
}
