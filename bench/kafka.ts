/**
 * `npm run bench:kafka`: messages of a topic into a file, against loops that only fetch and parse, in turn.
 *
 *   --messages 1000000    in three partitions, about 200 bytes each
 *   --rounds 3            runs of each
 *   --no-write            print, and leave docs/ alone
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Consumer } from '@platformatic/kafka';
import { NO_CONFIG } from '../src/capture/kafka/client-config.ts';
import { ServerConnection } from '../src/capture/kafka/server-connection.ts';
import { topicStart } from '../src/capture/kafka/topic-start.ts';
import { TopicStream } from '../src/capture/kafka/topic-stream.ts';
import { Broker } from '../test/support/kafka-broker.ts';
import { measuredProcess } from './measured-process.ts';
import { grouped, machine, markdown, publish, spreadText } from './report.ts';
import { median } from './statistics.ts';
import { CLI, freshFile, NODE } from './workshop.ts';

const { values: options } = parseArgs({
    options: {
        messages: { type: 'string', default: '1000000' },
        rounds: { type: 'string', default: '3' },
        'no-write': { type: 'boolean', default: false },
    },
});
const messages = Number(options.messages);
const TOPIC = 'payments';
const SOURCE = `create table ${TOPIC} (
    transaction_id uuid primary key,
    account_id uuid not null,
    amount integer not null,
    note text,
    inserted_at integer not null
);
`;

interface Run {
    readonly seconds: number;
    readonly megabytes: number | null;
}

const broker = await Broker.start();
const runs = new Map<string, Run[]>();
try {
    await broker.createTopic(TOPIC, 3);
    for (let from = 0; from < messages; from += 20_000) {
        await broker.send(TOPIC, messagesFrom(from, Math.min(20_000, messages - from)));
    }
    for (let round = 0; round < Number(options.rounds); round++) {
        note("the client library's loop: fetch and parse", { seconds: await libraryLoop(), megabytes: null });
        note('our loop: fetch and parse', { seconds: await ownLoop(), megabytes: null });
        note('elt load', await landed([]));
        note('elt load --chunk 500', await landed(['--chunk', '500']));
    }
} finally {
    await broker.stop();
}
const text = render();
publish('bench:kafka', text, !options['no-write']);
process.exit(0);

function note(who: string, run: Run): void {
    runs.set(who, [...(runs.get(who) ?? []), run]);
    process.stderr.write(`${who}: ${Math.round(messages / run.seconds)}/s\n`);
}

/** The whole process, with its start. */
async function landed(words: readonly string[]): Promise<Run> {
    const project = join(freshFile('kafka.db'), '..', 'kafka-project');
    rmSync(project, { recursive: true, force: true });
    mkdirSync(join(project, 'sql', 'shop', 'sources'), { recursive: true });
    mkdirSync(join(project, 'migrations', 'shop'), { recursive: true });
    writeFileSync(join(project, 'sql', 'shop', 'sources', `${TOPIC}.sql`), SOURCE);
    const database = freshFile('kafka.db');
    const { seconds, memoryMb } = await measuredProcess([
        NODE,
        CLI,
        '--quiet',
        '--project',
        project,
        '--pipeline',
        'shop',
        '--db',
        database,
        'load',
        broker.address(TOPIC),
        ...words,
    ]);
    return { seconds, megabytes: memoryMb };
}

async function ownLoop(): Promise<number> {
    const address = { brokers: [{ host: '127.0.0.1', port: broker.port }], topics: [TOPIC], config: NO_CONFIG };
    const connection = new ServerConnection(address);
    const facts = await connection.facts([TOPIC]);
    const { places } = topicStart([TOPIC], facts, [], null);
    const leaders = places.map(() => 1);
    const began = performance.now();
    const parts = {
        connection,
        topics: [TOPIC],
        places,
        leaders,
        runMessagesMax: 1_000,
        learn: null,
        group: null,
        grown: () => undefined,
        startThread: null,
    };
    const stream = new TopicStream(parts);
    for (let seen = 0; seen < messages; ) {
        for (const { records } of await stream.next(500)) {
            for (const { source, valueStart, valueEnd } of records) {
                JSON.parse(source.toString('utf8', valueStart, valueEnd));
            }
            seen += records.length;
        }
    }
    const seconds = (performance.now() - began) / 1_000;
    await stream.close();
    return seconds;
}

/** As its low-level interface is meant: fetches of one megabyte a partition. */
async function libraryLoop(): Promise<number> {
    const consumer = new Consumer({
        groupId: 'bench',
        clientId: 'bench',
        bootstrapBrokers: [`127.0.0.1:${broker.port}`],
    });
    const metadata = await consumer.metadata({ topics: [TOPIC] });
    const topic = metadata.topics.get(TOPIC);
    const next = [0n, 0n, 0n];
    const began = performance.now();
    for (let seen = 0; seen < messages; ) {
        const partitions = next.map((fetchOffset, partition) => ({
            partition,
            fetchOffset,
            partitionMaxBytes: 1_048_576,
            currentLeaderEpoch: -1,
            lastFetchedEpoch: -1,
        }));
        const topics = [{ topicId: topic?.id as string, partitions }];
        const request = { node: 1, isolationLevel: 1, minBytes: 1, maxBytes: 4_194_304, maxWaitTime: 300, topics };
        const { responses } = await consumer.fetch(request as never);
        for (const { partitionIndex, records } of responses.flatMap((one) => one.partitions)) {
            for (const batch of records ?? []) {
                for (const record of batch.records) {
                    if (batch.firstOffset + BigInt(record.offsetDelta) >= (next[partitionIndex] as bigint)) {
                        JSON.parse(String(record.value));
                        seen++;
                    }
                }
                next[partitionIndex] = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
            }
        }
    }
    const seconds = (performance.now() - began) / 1_000;
    await consumer.close(true);
    return seconds;
}

function messagesFrom(from: number, count: number) {
    return Array.from({ length: count }, (_, index) => {
        const number = from + index;
        const row = {
            transaction_id: `0b2f7a7e-1111-4222-8333-${String(number).padStart(12, '0')}`,
            account_id: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
            amount: number % 100_000,
            note: 'some text, so that it is as long as messages are',
            inserted_at: 1_700_000_000 + number,
        };
        return { key: row.transaction_id, value: JSON.stringify(row), partition: Math.floor(number / 1_000) % 3 };
    });
}

function render(): string {
    const base = median((runs.get("the client library's loop: fetch and parse") ?? []).map(({ seconds }) => seconds));
    const rows = [...runs].map(([who, of]) => {
        const seconds = of.map((run) => run.seconds);
        const memory = of.flatMap(({ megabytes }) => megabytes ?? []);
        return [
            who,
            median(seconds).toFixed(2),
            spreadText(seconds),
            grouped(messages / median(seconds)),
            (base / median(seconds)).toFixed(2),
            memory.length === 0 ? '' : String(Math.round(Math.max(...memory))),
        ];
    });
    return [
        `### ${grouped(messages)} messages of a topic of three partitions, new file`,
        '',
        machine(['Kafka 4.3.1']),
        '',
        markdown(['who', 'seconds', 'spread', 'messages/s', 'rate against the first', 'peak memory MB'], rows),
    ].join('\n');
}
