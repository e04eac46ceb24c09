import type { Fetched, FetchedPartition } from './fetched-partition.ts';
import { lastBatch } from './record-batches.ts';
import type { PartitionPlace } from './topic-places.ts';
import { type RecordRun, topicRuns } from './topic-runs.ts';

/** A place to fetch from. */
export type FetchPlace = Pick<PartitionPlace, 'topic' | 'topicId' | 'partition' | 'nextOffset' | 'leaderEpoch'>;

/** What asks brokers for messages, in this thread or in another. */
export interface Fetcher {
    /** The messages from these places on, of partitions that this broker leads. Waits until something has come. */
    fetch(node: number, places: readonly FetchPlace[]): Promise<Arrived>;
}

/** One in a thread of its own. */
export interface ThreadedFetcher extends Fetcher {
    /** It has begun, and is connected. */
    readonly isReady: boolean;
    /** The messages that were given need not be there any more. */
    release(): void;
    close(): Promise<void>;
}

/** `leaders`: the brokers that it will ask first. */
export type StartFetcher = (
    leaders: readonly number[],
    told: {
        /** Messages can be read now that could not be before. */
        readonly more: () => void;
        /** Nothing will come any more. */
        readonly failed: (error: unknown) => void;
    },
) => ThreadedFetcher;

/** What a fetch gave. */
export interface Arrived {
    /** Kafka's number of an error; 0: none. */
    readonly errorCode: number;
    readonly partitions: readonly ArrivedPartition[];
}

/** What a fetch gave of one partition; of the messages there are only their bytes so far. */
export interface ArrivedPartition
    extends Pick<
        FetchedPartition,
        'topicId' | 'partition' | 'errorCode' | 'highWatermark' | 'logStartOffset' | 'divergesAt'
    > {
    /** The offset that was asked for. */
    readonly fromOffset: number;
    /** The last whole batch; null: nothing from that offset on has come. */
    readonly last: { readonly lastOffset: number; readonly leaderEpoch: number } | null;
    readonly length: number;
    readonly runs: ArrivedRuns;
}

/** The messages of a partition, some at a time. */
export interface ArrivedRuns {
    /**
     * The next ones; null: there are no more; `later`: they are being read elsewhere; the reader will call when they are there.
     * @throws BadBatch
     */
    next(): RecordRun | null | 'later';
}

/** What was fetched in this thread, in runs of at most so many messages. */
export function arrived({ errorCode, partitions }: Fetched, places: readonly FetchPlace[], runMax: number): Arrived {
    return {
        errorCode,
        partitions: partitions.flatMap((fetched) => {
            const place = placeOf(places, fetched);
            return place === undefined ? [] : [{ ...factsOf(fetched, place), runs: runsHere(fetched, place, runMax) }];
        }),
    };
}

export function placeOf(
    places: readonly FetchPlace[],
    { topicId, partition }: FetchedPartition,
): FetchPlace | undefined {
    return places.find((place) => place.topicId === topicId && place.partition === partition);
}

/** What is said of a partition besides its messages. */
export function factsOf(fetched: FetchedPartition, { nextOffset }: FetchPlace): Omit<ArrivedPartition, 'runs'> {
    const { topicId, partition, errorCode, highWatermark, logStartOffset, divergesAt, source, start, end } = fetched;
    const last = lastBatch(source, start, end);
    return {
        topicId,
        partition,
        errorCode,
        highWatermark,
        logStartOffset,
        divergesAt,
        fromOffset: nextOffset,
        last: last !== null && last.lastOffset >= nextOffset ? last : null,
        length: end - start,
    };
}

function runsHere(fetched: FetchedPartition, { nextOffset }: FetchPlace, runMessagesMax: number): ArrivedRuns {
    const runs = topicRuns(fetched, nextOffset, runMessagesMax);
    return {
        next: () => {
            const { value, done } = runs.next();
            return done === true ? null : value;
        },
    };
}
