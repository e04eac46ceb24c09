import type { TopicRecord } from '../../core/topic-record.ts';
import type { FollowedReading, SourceLag } from '../source/followed-source.ts';
import { badBatch, fetchRefused, nothingComes } from './fetch-errors.ts';
import type { Fetched, FetchedPartition } from './fetched-partition.ts';
import type { GroupOffsets } from './group-offsets.ts';
import { offsetDiverged } from './offset-errors.ts';
import { BadBatch, lastBatch } from './record-batches.ts';
import type { ServerConnection } from './server-connection.ts';
import { behindOf, heardPlace, type PartitionPlace, secondsBehind, type TopicPlaces } from './topic-places.ts';
import type { TopicRun } from './topic-run.ts';
import { type RecordRun, topicRuns } from './topic-runs.ts';

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
    readonly learn: ((topic: string, records: readonly TopicRecord[]) => Promise<void>) | null;
    /** Hears what has landed; null: nobody. */
    readonly group: GroupOffsets | null;
    /** A topic has got partitions: keys have moved to others. */
    readonly grown: (topic: string, partitions: number) => void;
}

/** While so many bytes wait to be taken, nothing more is fetched. */
const QUEUED_BYTES = 256 * 1024;
/** How often the cluster is asked whether there are more partitions, and who leads them. */
const REFRESH_MS = 5_000;

/** What a fetch gave of one partition, and has not been handed on as a whole. */
interface Piece {
    readonly index: number;
    readonly runs: Iterator<RecordRun>;
    readonly bytes: number;
}

/** How far a partition has been fetched. */
type FetchedTo = Pick<PartitionPlace, 'nextOffset' | 'leaderEpoch'>;

/**
 * What arrives of the topics. For each broker that leads partitions one fetch is under way, and another one begins when
 * there is room for its answer. An answer is kept as the bytes that came; messages are made of them when they are taken,
 * so that few objects live at a time. Owns the connections and the places up to which messages have been handed on; a
 * crash loses nothing. The first error ends it: what has arrived before is handed on, then the error is thrown.
 */
export class TopicStream implements FollowedReading<TopicRun, TopicPlaces> {
    readonly #parts: StreamParts;
    #places: TopicPlaces;
    /** Of each place: the broker that leads it, and how far it has been fetched. */
    #leaders: readonly number[];
    readonly #fetchedTo: FetchedTo[];
    readonly #queue: Piece[] = [];
    #queuedBytes = 0;
    /** Places without messages. */
    readonly #idle: TopicRun[] = [];
    readonly #fetching = new Set<number>();
    #failure: unknown = null;
    #isClosed = false;
    #wake: () => void = () => undefined;
    #roomy: (() => void)[] = [];
    readonly #refresh: NodeJS.Timeout;

    constructor(parts: StreamParts) {
        this.#parts = parts;
        this.#places = parts.places;
        this.#leaders = parts.leaders;
        this.#fetchedTo = [...parts.places];
        // Tells at once where it begins: that is stored although nothing has come.
        this.#idle.push(this.#run(parts.places[0] as PartitionPlace, []));
        this.#refresh = setInterval(() => void this.#ask(), REFRESH_MS);
        this.#fetchAll();
    }

    async next(waitMs: number): Promise<readonly TopicRun[]> {
        if (this.#idle.length + this.#queue.length === 0 && this.#failure === null) {
            await this.#arrival(waitMs);
        } else {
            await new Promise((resolve) => setImmediate(resolve));
        }
        const run = this.#idle.shift() ?? (await this.#nextRun());
        if (run === null && this.#failure !== null) {
            throw this.#failure;
        }
        return run === null ? [] : [run];
    }

    async #nextRun(): Promise<TopicRun | null> {
        for (;;) {
            const piece = this.#queue[0];
            if (piece === undefined) {
                return null;
            }
            const run = this.#runOf(piece);
            if (run !== null) {
                const { topic } = this.#places[piece.index] as PartitionPlace;
                await this.#parts.learn?.(topic, run.records);
                return this.#handOn(piece.index, run);
            }
            this.#queue.shift();
            this.#queuedBytes -= piece.bytes;
            this.#letGo();
        }
    }

    /** Null: the piece has no more. */
    #runOf({ runs, index }: Piece): RecordRun | null {
        try {
            const { value, done } = runs.next();
            return done === true ? null : value;
        } catch (error) {
            throw error instanceof BadBatch ? badBatch(this.#places[index] as PartitionPlace, error) : error;
        }
    }

    #handOn(index: number, { records, nextOffset, leaderEpoch }: RecordRun): TopicRun {
        const place = this.#places[index] as PartitionPlace;
        const recordTime = records.at(-1)?.timestamp ?? place.recordTime;
        const now = heardPlace({ ...place, nextOffset, leaderEpoch, recordTime }, place, place.heardAt);
        this.#places = this.#places.with(index, now);
        return this.#run(now, records);
    }

    #letGo(): void {
        for (const go of this.#roomy.splice(0)) {
            go();
        }
    }

    /** A broker keeps messages whether they are read or not: nothing of ours depends on it. */
    acknowledge(places: TopicPlaces): void {
        this.#parts.group?.landed(places);
    }

    lag(): SourceLag {
        return { behind: behindOf(this.#places), unit: 'messages', seconds: secondsBehind(this.#places, Date.now()) };
    }

    /** Where reading goes on, with what the brokers have said last. */
    get places(): TopicPlaces {
        return this.#places;
    }

    async close(): Promise<void> {
        this.#isClosed = true;
        clearInterval(this.#refresh);
        this.#letGo();
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
                if (this.#queuedBytes >= QUEUED_BYTES) {
                    await new Promise<void>((resolve) => this.#roomy.push(resolve));
                    continue;
                }
                const places = this.#places
                    .map((place, index) => ({ ...place, ...this.#fetchedEnd(index) }))
                    .filter((_, index) => this.#leaders[index] === node);
                if (places.length === 0) {
                    break;
                }
                this.#accept(await this.#parts.connection.fetch(node, places));
            }
        } catch (error) {
            this.#fail(error);
        } finally {
            this.#fetching.delete(node);
        }
    }

    #fetchedEnd(index: number): FetchedTo {
        const { nextOffset, leaderEpoch } = this.#fetchedTo[index] as FetchedTo;
        return { nextOffset, leaderEpoch };
    }

    #accept({ errorCode, partitions }: Fetched): void {
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

    #acceptPartition(index: number, fetched: FetchedPartition): void {
        const place = this.#places[index] as PartitionPlace;
        const { nextOffset } = this.#fetchedEnd(index);
        if (fetched.errorCode !== 0) {
            throw fetchRefused(this.#parts.connection.address, fetched.errorCode, { ...place, nextOffset });
        }
        if (fetched.divergesAt !== null) {
            throw offsetDiverged(place, fetched.divergesAt);
        }
        const { logStartOffset: firstOffset, highWatermark: endOffset, source, start, end } = fetched;
        this.#places = this.#places.with(index, heardPlace(place, { firstOffset, endOffset }));
        const last = lastBatch(source, start, end);
        if (last !== null && last.lastOffset >= nextOffset) {
            this.#fetchedTo[index] = { nextOffset: last.lastOffset + 1, leaderEpoch: last.leaderEpoch };
            const runs = topicRuns(fetched, nextOffset, this.#parts.runMessagesMax);
            this.#queue.push({ index, runs, bytes: end - start });
            this.#queuedBytes += end - start;
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
            const begin = {
                topic,
                topicId,
                partition,
                nextOffset: 0,
                leaderEpoch: -1,
                recordTime: null,
                levelAt: null,
            };
            const place = heardPlace(begin, { firstOffset: 0, endOffset: 0 });
            this.#places = [...this.#places, place];
            this.#leaders = [...this.#leaders, leaders[partition] as number];
            this.#fetchedTo.push(place);
            this.#idle.push(this.#run(place, []));
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
