import type { StartFetcher } from '../../capture/kafka/arrived.ts';
import { KafkaSource, type Opened } from '../../capture/kafka/kafka-source.ts';
import { SchemaRegistry } from '../../capture/kafka/schema-registry.ts';
import { nameOf } from '../../capture/kafka/server-address.ts';
import { behindOf, heardAgain, lastHeard, type TopicPlaces } from '../../capture/kafka/topic-places.ts';
import type { TopicRun } from '../../capture/kafka/topic-run.ts';
import type { PlaceReset } from '../../capture/kafka/topic-start.ts';
import type { EltError } from '../../core/errors.ts';
import type { StreamEvent } from '../../core/stream-event.ts';
import { keyOf, type TopicRecord } from '../../core/topic-record.ts';
import { headersJson } from '../../decode/topic-headers.ts';
import { StreamLanding } from '../../land/stream-landing.ts';
import { newByteless, readLoad } from '../../ledger/loads.ts';
import { HEARD_MS_MAX } from '../../ledger/source-lag.ts';
import {
    insertTopicReset,
    readCluster,
    readTopicPartitions,
    saveCluster,
    saveTopicPartition,
    saveTopicReject,
    updateCluster,
} from '../../ledger/topics.ts';
import { declaredText } from '../../project/pipeline-settings.ts';
import { type Database, inTransaction } from '../../sqlite/database.ts';
import type { FollowObserver, FollowParts, FollowWork, Pace } from '../follow-parts.ts';
import { type EventBytes, landEvent } from '../land-event.ts';
import type { Backoff } from '../retry.ts';
import { FetchThread } from './fetch-thread.ts';
import type { KafkaOptions } from './source-options.ts';
import { placeOf, rowOf } from './stored-places.ts';
import { TopicDecoders } from './topic-decoders.ts';
import { learnsSchemas, type TopicFormat } from './topic-formats.ts';

export interface KafkaRequest extends FollowWork {
    readonly options: KafkaOptions;
    readonly formats: readonly TopicFormat[];
    /** Ends when everything that could be read at the start has landed. */
    readonly untilEnd: boolean;
    /** Stop at the first message that cannot be decoded. */
    readonly strict: boolean;
    readonly observer: TopicObserver;
}

export interface TopicObserver extends FollowObserver {
    note(text: string): void;
    /** The topics are read from these places on. */
    reads(name: string, places: TopicPlaces): void;
}

/** How often it is stored that messages have come which cannot land yet: a transaction is open. */
const TOLD_MS = 1_000;
/** Messages that are handed on at once where none says how many: small enough to be landed between two signals. */
const RUN_MESSAGES = 250;

/** Nothing is kept of a topic between two commits. */
const TOPIC_STATE = { kind: 'topic' };

/** What a follower of topics is made of. */
export class KafkaParts implements FollowParts<TopicRun, TopicPlaces> {
    readonly database: Database;
    readonly source: KafkaSource;
    readonly pace: Pace;
    readonly backoff: Backoff;
    readonly observer: TopicObserver;
    /** Messages that were put aside. */
    rejected = 0;
    readonly #request: KafkaRequest;
    readonly #registry: SchemaRegistry;
    readonly #runMessagesMax: number;
    #decoders: TopicDecoders | null = null;
    #saved: TopicPlaces = [];
    #resets: readonly PlaceReset[] = [];
    /** Where each partition could be read to when the first reading began. */
    #target: ReadonlyMap<string, number> | null = null;
    #isApart = false;
    #error: string | null;

    constructor(request: KafkaRequest, backoff: Backoff) {
        const { database, options, pace } = request;
        this.database = database;
        this.pace = pace;
        this.backoff = backoff;
        this.observer = request.observer;
        this.#request = request;
        this.#runMessagesMax = Math.min(RUN_MESSAGES, pace.messagesMax ?? RUN_MESSAGES);
        this.#registry = new SchemaRegistry(options.address.config);
        this.#error = readCluster(database)?.error ?? null;
        this.source = new KafkaSource({
            learn: learnsSchemas(this.#registry, request.formats),
            address: options.address,
            from: options.from,
            group: options.group,
            groupFailed: ({ message }) => {
                request.observer.note(`the group "${options.group}" does not hear what lands: ${message}`);
            },
            runMessagesMax: this.#runMessagesMax,
            clusterId: () => readCluster(database)?.cluster_id ?? null,
            grown: (topic, partitions) => {
                request.observer.note(
                    `"${topic}" has ${partitions} partitions now: a key may have moved to another, and its older messages may land after newer ones`,
                );
            },
            startThread: this.#startThread,
            opened: (opened) => this.#opened(opened),
        });
    }

    readonly #startThread: StartFetcher = (leaders, told) =>
        new FetchThread({
            address: this.#request.options.address,
            leaders,
            runMessagesMax: this.#runMessagesMax,
            rows: () => this.#decoders?.rows() ?? new Map(),
            ...told,
        });

    #opened({ facts, places, resets }: Opened): void {
        const { database, options, observer } = this.#request;
        const name = nameOf(options.address);
        if (readCluster(database)?.name !== name) {
            inTransaction(database, () => saveCluster(database, { name, cluster_id: facts.clusterId }));
        }
        this.#resets = resets;
        if (this.#target === null) {
            const stable = facts.topics.flatMap(({ topic, partitions }) =>
                partitions.map(({ partition, stableOffset }) => [keyText(topic, partition), stableOffset] as const),
            );
            this.#target = new Map(stable);
            observer.reads(name, places);
        }
    }

    newDecoder(): TopicDecoders {
        this.#decoders = new TopicDecoders({
            database: this.database,
            formats: this.#request.formats,
            settings: this.#request.settings,
            schemas: this.#registry,
        });
        return this.#decoders;
    }

    take(event: StreamEvent, run: TopicRun, landing: StreamLanding): void {
        const record = this.#decoders?.record as TopicRecord;
        const { rejected } = landing.counts;
        landEvent(landing, event, this.#bytesOf);
        if (landing.counts.rejected > rejected) {
            this.#keepReject(run, record);
        }
    }

    /** One function for all messages. */
    readonly #bytesOf = (): EventBytes => {
        const record = this.#decoders?.record as TopicRecord;
        return { source: record.source, start: record.valueStart, end: record.valueEnd };
    };

    #keepReject({ topic, partition }: TopicRun, record: TopicRecord): void {
        this.rejected++;
        saveTopicReject(this.database, {
            topic,
            partition,
            offset: record.offset,
            format: this.#request.formats.find((one) => one.topic === topic)?.format ?? 'json',
            record_time: record.timestamp,
            key: keyOf(record),
            is_null: record.valueStart < 0 ? 1 : 0,
            headers: headersJson(record),
        });
    }

    newLanding(beforeCommit: () => void): StreamLanding {
        const { settings, options, strict } = this.#request;
        const loadId = readCluster(this.database)?.load_id ?? null;
        const load = loadId === null ? newByteless(nameOf(options.address), 'topic') : readLoad(this.database, loadId);
        const landing = new StreamLanding(this.database, load, {
            // A topic may hold a transaction of PostgreSQL twice: what is in the topic lands, once.
            ignorePositions: true,
            seen: { has: () => false, add: () => undefined },
            policy: { drift: settings.drift, declared: declaredText(settings) },
            strict,
            needsPositions: null,
            // Commits are the follower's to make.
            commitRows: Number.POSITIVE_INFINITY,
            committed: () => undefined,
            digestAt: () => () => '',
            frameState: () => TOPIC_STATE,
            beforeCommit,
        });
        if (loadId === null) {
            updateCluster(this.database, { load_id: landing.loadId });
        }
        return landing;
    }

    storedPlace(): TopicPlaces | null {
        this.#saved = readTopicPartitions(this.database).map(placeOf);
        return this.#saved.length === 0 ? null : this.#saved;
    }

    savePlace(places: TopicPlaces): void {
        const saved = new Set(this.#saved);
        for (const place of places) {
            if (!saved.has(place)) {
                saveTopicPartition(this.database, rowOf(place));
            }
        }
        this.#saved = places;
        for (const { topic, partition, was, now, reason } of this.#resets) {
            insertTopicReset(this.database, {
                topic,
                partition,
                reason,
                was_topic_id: was.topicId,
                was_offset: was.nextOffset,
                now_topic_id: now.topicId,
                now_offset: now.nextOffset,
            });
        }
    }

    transform(): void {
        const error = this.#request.transform(false);
        this.#isApart = error === 'apart';
        if (error !== 'apart') {
            this.#noteError(error);
        }
    }

    /** What an earlier run has left. */
    begin(): void {
        this.#transformApart();
    }

    #transformApart(): void {
        const error = this.#request.transform(true);
        this.#isApart = false;
        inTransaction(this.database, () => this.#noteError(error === 'apart' ? null : error));
    }

    #noteError(error: EltError | null): void {
        const text = error === null ? null : `${error.code}: ${error.message}`;
        if (text !== this.#error) {
            updateCluster(this.database, { error: text });
            this.#error = text;
        }
    }

    committed(): boolean {
        this.#resets = [];
        if (this.#isApart) {
            this.#transformApart();
        }
        return false;
    }

    abandoned(): void {
        return;
    }

    /** Where nothing comes, what the brokers say is stored now and then: others see that somebody listens. */
    async between(places: TopicPlaces | null): Promise<boolean> {
        const { heard } = this.source;
        const silentMs = places === null ? 0 : lastHeard(heard) - lastHeard(this.#saved);
        if (places !== null && silentMs >= TOLD_MS) {
            const now = heardAgain(places, heard);
            if (silentMs >= HEARD_MS_MAX || behindOf(now) !== behindOf(this.#saved)) {
                inTransaction(this.database, () => this.savePlace(now));
            }
        }
        return false;
    }

    isDone(places: TopicPlaces): boolean {
        return (
            this.#request.untilEnd &&
            places.every(({ topic, partition, nextOffset }) => {
                return nextOffset >= (this.#target?.get(keyText(topic, partition)) ?? 0);
            })
        );
    }

    isInterrupted(): boolean {
        return this.#request.interrupt.requested();
    }
}

function keyText(topic: string, partition: number): string {
    return `${topic}/${partition}`;
}
