import type { TopicRecords } from '../../core/topic-record.ts';
import type { FollowedReading, SourceLag } from '../source/followed-source.ts';
import {
    type Arrived,
    type ArrivedPartition,
    arrived,
    type FetchPlace,
    type StartFetcher,
    type ThreadedFetcher,
} from './arrived.ts';
import { ArrivedQueue, type TakenRun } from './arrived-queue.ts';
import { badBatch, fetchRefused, nothingComes } from './fetch-errors.ts';
import type { GroupOffsets } from './group-offsets.ts';
import { offsetDiverged } from './offset-errors.ts';
import { BadBatch } from './record-batches.ts';
import type { ServerConnection } from './server-connection.ts';
import {
    behindOf,
    heardPlace,
    newPlace,
    type PartitionPlace,
    secondsBehind,
    type TopicPlaces,
} from './topic-places.ts';
import type { TopicRun } from './topic-run.ts';

/** What a stream is made of. */
export interface StreamParts {
    readonly connection: ServerConnection;
    readonly topics: readonly string[];
    readonly places: TopicPlaces;
    /** The broker that leads each of them, in the same order. */
    readonly leaders: readonly number[];
    /** Messages that are handed on at once. */
    readonly runMessagesMax: number;
    /** Hears messages before they are handed on, where their schemas must be asked for. */
    readonly learn: ((topic: string, records: TopicRecords) => Promise<void>) | null;
    /** Hears what has landed; null: nobody. */
    readonly group: GroupOffsets | null;
    /** A topic has got partitions: keys have moved to others. */
    readonly grown: (topic: string, partitions: number) => void;
    /** Starts what reads messages in a thread of its own; null: nothing may. */
    readonly startThread: StartFetcher | null;
}

/** While so many bytes wait to be taken, nothing more is fetched. */
const QUEUED_BYTES = 256 * 1024;
/** The same where they are fetched and read beside us, and a commit must not keep that waiting. */
const QUEUED_AHEAD_BYTES = 4 * 1024 * 1024;
/** When so many messages are to be read, they are worth a thread: it takes a tenth of a second, and 10 MB. */
const THREAD_MESSAGES = 50_000;
/** How often the cluster is asked whether there are more partitions, and who leads them. */
const REFRESH_MS = 5_000;

/** How far a partition has been fetched. */
type FetchedTo = Pick<PartitionPlace, 'nextOffset' | 'leaderEpoch'>;

/**
 * What arrives of the topics. For each broker that leads partitions one fetch is under way, and another one begins when
 * there is room for its answer. An answer is kept as the bytes that came; messages are made of them when they are taken,
 * so that few objects live at a time. Where much is to be read, a thread of its own fetches and reads. Owns it, the
 * connections and the places up to which messages have been handed on; a crash loses nothing. The first error ends it:
 * what has arrived before is handed on, then the error is thrown.
 */
export class TopicStream implements FollowedReading<TopicRun, TopicPlaces> {
    readonly #parts: StreamParts;
    #places: TopicPlaces;
    /** Of each place: the broker that leads it, and how far it has been fetched. */
    #leaders: readonly number[];
    readonly #fetchedTo: FetchedTo[];
    readonly #queue = new ArrivedQueue();
    #thread: ThreadedFetcher | null = null;
    /** Places without messages. */
    readonly #idle: PartitionPlace[] = [];
    readonly #fetching = new Set<number>();
    #failure: unknown = null;
    #isClosed = false;
    #wake: () => void = () => undefined;
    readonly #refresh: NodeJS.Timeout;

    constructor(parts: StreamParts) {
        this.#parts = parts;
        this.#places = parts.places;
        this.#leaders = parts.leaders;
        this.#fetchedTo = [...parts.places];
        // Tells at once where it begins: that is stored although nothing has come.
        this.#idle.push(parts.places[0] as PartitionPlace);
        this.#refresh = setInterval(() => void this.#ask(), REFRESH_MS);
        this.#fetchAll();
    }

    async next(waitMs: number): Promise<readonly TopicRun[]> {
        this.#thread?.release();
        if (this.#idle.length > 0 || this.#isReady() || this.#isOver) {
            await new Promise((resolve) => setImmediate(resolve));
        } else {
            await this.#arrival(waitMs);
        }
        const taken = this.#isReady() ? this.#queue.take() : null;
        if (taken !== null) {
            const { topic } = this.#places[taken.index] as PartitionPlace;
            await this.#parts.learn?.(topic, taken.run.records);
            return [this.#handOn(taken)];
        }
        if (this.#isOver && this.#idle.length === 0) {
            throw this.#failure;
        }
        return this.#idle.splice(0).map((place) => this.#run(place, []));
    }

    /** It has failed, and all that had arrived before has been handed on. */
    get #isOver(): boolean {
        return this.#failure !== null && this.#queue.index === null;
    }

    #isReady(): boolean {
        try {
            return this.#queue.isReady();
        } catch (error) {
            const place = this.#places[this.#queue.index ?? 0] as PartitionPlace;
            throw error instanceof BadBatch ? badBatch(place, error) : error;
        }
    }

    #handOn({ index, run }: TakenRun): TopicRun {
        const place = this.#places[index] as PartitionPlace;
        const { records, nextOffset, leaderEpoch } = run;
        const recordTime = run.recordTime ?? place.recordTime;
        const now = heardPlace({ ...place, nextOffset, leaderEpoch, recordTime }, place, place.heardAt);
        this.#places = this.#places.with(index, now);
        return this.#run(now, records);
    }

    /** A broker keeps messages whether they are read or not: nothing of ours depends on it. */
    acknowledge(places: TopicPlaces): void {
        this.#parts.group?.landed(places);
    }

    lag(): SourceLag {
        return { behind: behindOf(this.#places), unit: 'messages', seconds: secondsBehind(this.#places, Date.now()) };
    }

    /** Where reading continues, with what the brokers have said last. */
    get places(): TopicPlaces {
        return this.#places;
    }

    async close(): Promise<void> {
        this.#isClosed = true;
        clearInterval(this.#refresh);
        this.#queue.letGo();
        await this.#thread?.close();
        await this.#parts.group?.close();
        await this.#parts.connection.close();
    }

    #arrival(waitMs: number): Promise<void> {
        return new Promise((resolve) => {
            const timer = setTimeout(resolve, waitMs);
            this.#wake = () => {
                clearTimeout(timer);
                resolve();
            };
        });
    }

    #fetchAll(): void {
        for (const node of new Set(this.#leaders)) {
            if (!this.#fetching.has(node)) {
                this.#fetching.add(node);
                void this.#fetchFrom(node);
            }
        }
    }

    async #fetchFrom(node: number): Promise<void> {
        try {
            while (!this.#isClosed && this.#failure === null) {
                const isAhead = this.#thread?.isReady === true;
                if (this.#queue.bytes >= (isAhead ? QUEUED_AHEAD_BYTES : QUEUED_BYTES)) {
                    await this.#queue.room();
                    continue;
                }
                const places = this.#places
                    .map(({ topic, topicId, partition }, at) => ({
                        topic,
                        topicId,
                        partition,
                        ...this.#fetchedEnd(at),
                    }))
                    .filter((_, index) => this.#leaders[index] === node);
                if (places.length === 0) {
                    break;
                }
                this.#accept(await this.#fetch(node, places));
            }
        } catch (error) {
            this.#fail(error);
        } finally {
            this.#fetching.delete(node);
        }
    }

    async #fetch(node: number, places: readonly FetchPlace[]): Promise<Arrived> {
        const { startThread } = this.#parts;
        if (this.#thread === null && startThread !== null && behindOf(this.#places) >= THREAD_MESSAGES) {
            const told = { more: () => this.#wake(), failed: (error: unknown) => this.#fail(error) };
            this.#thread = startThread(this.#leaders, told);
        }
        // Until it has begun we need not wait for it.
        return this.#thread?.isReady === true
            ? await this.#thread.fetch(node, places)
            : arrived(await this.#parts.connection.fetch(node, places), places, this.#parts.runMessagesMax);
    }

    #fetchedEnd(index: number): FetchedTo {
        const { nextOffset, leaderEpoch } = this.#fetchedTo[index] as FetchedTo;
        return { nextOffset, leaderEpoch };
    }

    #accept({ errorCode, partitions }: Arrived): void {
        if (errorCode !== 0) {
            throw fetchRefused(this.#parts.connection.address, errorCode, null);
        }
        for (const fetched of partitions) {
            const index = this.#places.findIndex(
                ({ topicId, partition }) => topicId === fetched.topicId && partition === fetched.partition,
            );
            if (index >= 0) {
                this.#acceptPartition(index, fetched);
            }
        }
    }

    #acceptPartition(index: number, fetched: ArrivedPartition): void {
        const place = this.#places[index] as PartitionPlace;
        const { nextOffset } = this.#fetchedEnd(index);
        if (fetched.errorCode !== 0) {
            throw fetchRefused(this.#parts.connection.address, fetched.errorCode, { ...place, nextOffset });
        }
        if (fetched.divergesAt !== null) {
            throw offsetDiverged(place, fetched.divergesAt);
        }
        const { logStartOffset: firstOffset, highWatermark: endOffset, last } = fetched;
        this.#places = this.#places.with(index, heardPlace(place, { firstOffset, endOffset }));
        // While its leader changes two may be asked for the same.
        if (last !== null && fetched.fromOffset === nextOffset) {
            this.#fetchedTo[index] = { nextOffset: last.lastOffset + 1, leaderEpoch: last.leaderEpoch };
            this.#queue.push(index, fetched);
            this.#wake();
        }
    }

    #run({ topic, partition }: PartitionPlace, records: TopicRun['records']): TopicRun {
        const isIdle = records.length === 0;
        return { topic, partition, records, after: this.#places, isIdle, size: records.length, wantsAnswer: false };
    }

    /** Whether there are more partitions, and who leads them now. */
    async #ask(): Promise<void> {
        try {
            for (const topic of this.#parts.topics) {
                const now = await this.#parts.connection.leaders(topic);
                const known = this.#places.filter((place) => place.topic === topic);
                if (now === null || now.topicId !== known[0]?.topicId) {
                    throw nothingComes(this.#parts.connection.address, `the topic "${topic}" has been deleted`);
                }
                this.#lead(topic, now.topicId, now.leaders);
            }
            this.#fetchAll();
        } catch (error) {
            this.#fail(error);
        }
    }

    #lead(topic: string, topicId: string, leaders: readonly number[]): void {
        const before = this.#places.filter((place) => place.topic === topic).length;
        this.#leaders = this.#places.map((place, index) =>
            place.topic === topic ? (leaders[place.partition] ?? -1) : (this.#leaders[index] as number),
        );
        for (let partition = before; partition < leaders.length; partition++) {
            const place = newPlace(topic, topicId, partition);
            this.#places = [...this.#places, place];
            this.#leaders = [...this.#leaders, leaders[partition] as number];
            this.#fetchedTo.push(place);
            this.#idle.push(place);
        }
        if (leaders.length > before) {
            this.#parts.grown(topic, leaders.length);
            this.#wake();
        }
    }

    #fail(error: unknown): void {
        if (!this.#isClosed) {
            this.#failure ??= error;
            this.#wake();
        }
    }
}
