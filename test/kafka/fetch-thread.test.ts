import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { arrived, type Fetcher } from '../../src/capture/kafka/arrived.ts';
import { NO_CONFIG } from '../../src/capture/kafka/client-config.ts';
import type { ServerAddress } from '../../src/capture/kafka/server-address.ts';
import { ServerConnection } from '../../src/capture/kafka/server-connection.ts';
import type { PartitionPlace } from '../../src/capture/kafka/topic-places.ts';
import { topicStart } from '../../src/capture/kafka/topic-start.ts';
import { TopicStream } from '../../src/capture/kafka/topic-stream.ts';
import { keyOf } from '../../src/core/topic-record.ts';
import type { ScannedSource } from '../../src/decode/rows/rows-ahead.ts';
import { headersJson } from '../../src/decode/topic-headers.ts';
import { FetchThread } from '../../src/load/kafka/fetch-thread.ts';
import { undeclaredSource } from '../../src/project/declared-source.ts';
import { until } from '../support/follow-world.ts';
import { brokerForTests, hasKafka } from '../support/kafka.ts';
import { type Sent, sendWith } from '../support/topic-producer.ts';
import { TopicWorld } from './topic-world.ts';

/** Messages that are read in a thread of their own: the same ones, and no way in which it leaves the landing waiting. */

const NODE = 1;
const RUN_MESSAGES = 250;
/** Above what a thread is started for. */
const MANY = 60_000;
/** Above what is held of messages that nobody takes. */
const HELD_BYTES_MAX = 64 * 1024 * 1024;
const rows = (count: number, more = ''): readonly Sent[] =>
    Array.from({ length: count }, (_, id) => ({ key: String(id), value: `{"id":${id}${more}}`, partition: 0 }));

describe.skipIf(!hasKafka)('a thread that reads messages', () => {
    const broker = brokerForTests({ settings: ['message.max.bytes=16000000'] });
    const connections: ServerConnection[] = [];
    afterAll(async () => {
        await Promise.all(connections.map((one) => one.close()));
    });

    const address = (topic: string) => ({
        brokers: [{ host: '127.0.0.1', port: broker().port }],
        topics: [topic],
        config: NO_CONFIG,
    });
    function connect(topic: string): ServerConnection {
        const connection = new ServerConnection(address(topic));
        connections.push(connection);
        return connection;
    }
    async function placesOf(topic: string): Promise<readonly PartitionPlace[]> {
        return topicStart([topic], await connect(topic).facts([topic]), [], null).places;
    }
    function here(topic: string): Fetcher {
        const connection = connect(topic);
        return {
            fetch: async (node, places) => arrived(await connection.fetch(node, places), places, RUN_MESSAGES),
        };
    }
    function threadOf(topic: string, told: Partial<ThreadTold> = {}): FetchThread {
        const { rows: scanned = () => new Map(), more = () => undefined, failed = () => undefined } = told;
        const own = { leaders: [NODE], runMessagesMax: RUN_MESSAGES, rows: scanned, more, failed };
        const thread = new FetchThread({ address: told.address ?? address(topic), ...own });
        onTestFinished(() => thread.close());
        return thread;
    }

    /** All messages of a topic as texts, and where each partition is read on. */
    async function messagesOf(topic: string, fetcher: Fetcher & { release?(): void }): Promise<readonly string[]> {
        const said: string[] = [];
        const ends = new Map<number, number>();
        let places = await placesOf(topic);
        while (places.some(({ nextOffset, endOffset }) => nextOffset < endOffset)) {
            const { errorCode, partitions } = await fetcher.fetch(NODE, places);
            expect(errorCode).toBe(0);
            for (const { partition, last, runs } of partitions) {
                for (;;) {
                    const run = last === null ? null : runs.next();
                    if (run === null) {
                        break;
                    }
                    if (run === 'later') {
                        fetcher.release?.();
                        await sleep(1);
                        continue;
                    }
                    for (const record of run.records) {
                        const { offset, timestamp, source, valueStart, valueEnd } = record;
                        const value = valueStart < 0 ? 'null' : source.toString('latin1', valueStart, valueEnd);
                        const key = keyOf(record)?.toString('latin1') ?? 'null';
                        said.push([partition, offset, timestamp, key, value, headersJson(record)].join());
                    }
                    ends.set(partition, run.nextOffset);
                    fetcher.release?.();
                }
                places = places.map((place) =>
                    place.partition === partition && last !== null
                        ? { ...place, nextOffset: last.lastOffset + 1, leaderEpoch: last.leaderEpoch }
                        : place,
                );
            }
        }
        return [...said, ...[...ends].map(([partition, end]) => `${partition} ends at ${end}`)].sort();
    }

    it.each(['none', 'gzip', 'zstd'])('gives what is read without one: compressed by %s', async (compression) => {
        const topic = `read_${compression}`;
        await broker().createTopic(topic, 3);
        const text = 'words that repeat themselves, and repeat themselves again '.repeat(20);
        const sent = Array.from({ length: 9_000 }, (_, id) => ({
            key: id % 5 === 0 ? null : `k${id}`,
            value: id % 7 === 0 ? null : id % 11 === 0 ? '' : `{"id":${id},"text":"${text.slice(0, id % 900)}"}`,
            partition: id % 3,
            ...(id % 3 === 0 ? { headers: { trace: `t${id}`, other: 'ä' } } : {}),
        }));
        await broker().send(topic, sent, { compression });
        const producer = broker().producer({ transactionalId: `tx-${topic}` });
        for (const [index, end] of (['abort', 'commit', 'abort', 'commit'] as const).entries()) {
            const transaction = await producer.beginTransaction();
            await sendWith(transaction as never, topic, rows(300, `,"round":${index}`), { compression });
            await transaction[end]();
        }
        await producer.close();
        // Longer than what fits the memory that both threads hold.
        const long = Array.from({ length: 4 }, (_, id) => ({ value: String(id).repeat(3_000_000), partition: id % 3 }));
        for (const one of long) {
            await broker().send(topic, [one], { compression });
        }
        const wanted = await messagesOf(topic, here(topic));
        expect(wanted.filter((line) => line.includes(','))).toHaveLength(9_000 + 600 + 4);
        expect(await messagesOf(topic, threadOf(topic))).toEqual(wanted);
    });

    it('passes over what nobody takes', async () => {
        const topic = 'passed_over';
        await broker().createTopic(topic);
        await broker().send(topic, rows(40_000, ',"more":"than is given at once"'));
        const thread = threadOf(topic);
        const places = await placesOf(topic);
        for (let round = 0; round < 20; round++) {
            await thread.fetch(NODE, places);
        }
        expect(await messagesOf(topic, thread)).toEqual(await messagesOf(topic, here(topic)));
    });

    it('holds little of messages that nobody takes, however well they were compressed', async () => {
        const topic = 'inflated';
        await broker().createTopic(topic);
        for (let id = 0; id < 150; id++) {
            await broker().send(topic, [{ value: `${id} ${'x'.repeat(1_000_000)}` }], { compression: 'zstd' });
        }
        const before = process.memoryUsage().rss;
        const thread = threadOf(topic);
        const { partitions } = await thread.fetch(NODE, await placesOf(topic));
        expect(partitions[0]?.last?.lastOffset).toBe(149);
        await sleep(1_000);
        expect(process.memoryUsage().rss - before).toBeLessThan(HELD_BYTES_MAX);
        let taken = 0;
        for (;;) {
            const run = partitions[0]?.runs.next();
            if (run === 'later' || run === undefined) {
                await sleep(1);
                continue;
            }
            if (run === null) {
                break;
            }
            taken += run.records.length;
            thread.release();
        }
        expect(taken).toBe(150);
    });

    it('ends at once while it waits for room', async () => {
        const topic = 'never_taken';
        await broker().createTopic(topic);
        await broker().send(topic, rows(MANY));
        const thread = threadOf(topic);
        const { partitions } = await thread.fetch(NODE, await placesOf(topic));
        await until(
            () => partitions[0]?.runs.next() !== 'later',
            () => 'messages',
        );
        await sleep(300);
        const began = performance.now();
        await thread.close();
        expect(performance.now() - began).toBeLessThan(1_000);
    });

    it('an error of a broker is the same error', async () => {
        const topic = 'refused';
        await broker().createTopic(topic);
        const places = await placesOf(topic);
        const facts = async (fetcher: Fetcher) =>
            await fetcher.fetch(99, places).then(
                () => null,
                (error: unknown) => (error as { facts?: unknown }).facts,
            );
        const wanted = await facts(here(topic));
        expect(wanted).toMatchObject({ code: 'SOURCE_UNREACHABLE', found: 'broker 99 is not in the cluster' });
        expect(await facts(threadOf(topic))).toEqual({ ...(wanted as object), cause: undefined });
    });

    const dies: Readonly<Record<string, Partial<ThreadTold>>> = {
        'before it has begun': { address: {} as ServerAddress },
        'while it reads': {
            rows: () => new Map([['dies', { source: undeclaredSource('dies'), columns: [null as never] }]]),
        },
    };
    it.each(Object.entries(dies))('one that dies %s is an error of who waits for it', async (when, how) => {
        const topic = 'dies';
        const isThere = (await connect(topic).facts([topic])).topics.length > 0;
        if (!isThere) {
            await broker().createTopic(topic);
            await broker().send(topic, rows(MANY, ',"note":"n"'));
        }
        const connection = connect(topic);
        const places = await placesOf(topic);
        let thread: FetchThread | null = null;
        const stream = new TopicStream({
            connection,
            topics: [topic],
            places,
            leaders: [NODE],
            runMessagesMax: RUN_MESSAGES,
            learn: null,
            group: null,
            grown: () => undefined,
            startThread: (_leaders, told) => {
                thread = threadOf(topic, { ...how, ...told });
                return thread;
            },
        });
        await until(
            () => thread?.isReady === true || when === 'before it has begun',
            () => 'a thread',
        );
        const seen = async (): Promise<number> => {
            for (let count = 0; count < MANY; ) {
                // Slower than the thread.
                await sleep(5);
                for (const { records } of await stream.next(100)) {
                    count += records.length;
                }
            }
            return MANY;
        };
        await expect(seen()).rejects.toMatchObject({
            code: 'BUG',
            message: 'the thread that reads topics failed',
        });
        await expect((thread as FetchThread | null)?.fetch(NODE, places)).rejects.toMatchObject({ code: 'BUG' });
        await stream.close();
    });

    it('elt stops while everything is full, and continues there', async () => {
        const topic = 'stopped';
        await broker().createTopic(topic);
        await broker().send(topic, rows(MANY));
        const world = new TopicWorld(broker(), { [topic]: `create table ${topic} (id integer primary key);\n` });
        onTestFinished(() => world.close());
        const following = world.follow([topic], ['--chunk', '20', '--json']);
        await until(
            () => world.count(`stg_${topic}`) > 2_000,
            () => following.printed,
        );
        expect(await following.stop('SIGINT')).toBeLessThan(2_000);
        expect(following.status).toBe(0);
        expect(world.count(`stg_${topic}`)).toBeLessThan(MANY);
        await world.load([topic]);
        expect(world.rows(`select count(*) as n, count(distinct id) as ids from stg_${topic}`)).toEqual([
            { n: MANY, ids: MANY },
        ]);
        await world.ran(['verify']);
    });
});

interface ThreadTold {
    readonly address: ServerAddress;
    readonly rows: () => ReadonlyMap<string, ScannedSource>;
    readonly more: () => void;
    readonly failed: (error: unknown) => void;
}
