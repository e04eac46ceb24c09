import {
    type Connection,
    FetchIsolationLevels,
    fetchV13,
    fetchV14,
    fetchV15,
    fetchV16,
    fetchV17,
    offsetForLeaderEpochV4,
} from '@platformatic/kafka';
import type { FetchPlace } from './arrived.ts';
import { type Fetched, readFetched } from './fetched-partition.ts';
import type { PartitionPlace } from './topic-places.ts';

/** What only the broker can answer that leads a partition. */

/** The broker answers a fetch after so long, also when nothing has come. */
const FETCH_WAIT_MS = 500;
/** What is fetched at once: of one partition, and of all. */
export interface FetchSize {
    readonly partitionBytes: number;
    readonly bytes: number;
}
/** It is landed in the time in which the next one comes. */
export const SMALL_FETCH: FetchSize = { partitionBytes: 256 * 1024, bytes: 1024 * 1024 };
/** While the landing commits nobody asks for more. */
export const LARGE_FETCH: FetchSize = { partitionBytes: 1024 * 1024, bytes: 4 * 1024 * 1024 };
export const FETCH = 1;
/** Topics by their ids: since Kafka 3.1. */
const FETCHES = { 13: fetchV13, 14: fetchV14, 15: fetchV15, 16: fetchV16, 17: fetchV17 } as const;
export type FetchVersion = keyof typeof FETCHES;

/** The messages from these places on; waits until some have come. */
export function fetchMessages(
    connection: Connection,
    version: FetchVersion,
    places: readonly FetchPlace[],
    size: FetchSize,
): Promise<Fetched> {
    const topics = Map.groupBy(places, ({ topicId }) => topicId);
    const request = [...topics].map(([topicId, ofTopic]) => ({
        topicId,
        partitions: ofTopic.map(({ partition, nextOffset, leaderEpoch }) => ({
            partition,
            fetchOffset: BigInt(nextOffset),
            partitionMaxBytes: size.partitionBytes,
            currentLeaderEpoch: -1,
            // The broker says so where the log behind us has been cut off since.
            lastFetchedEpoch: leaderEpoch,
        })),
    }));
    const { createRequest } = FETCHES[version];
    return new Promise((resolve, reject) => {
        connection.send<Fetched>(
            FETCH,
            version,
            () =>
                createRequest(
                    FETCH_WAIT_MS,
                    1,
                    size.bytes,
                    FetchIsolationLevels.READ_COMMITTED,
                    0,
                    -1,
                    request,
                    [],
                    '',
                ),
            (_correlation, _key, _version, reader) => readFetched(reader.buffer.slice(reader.position)),
            true,
            true,
            (error, fetched) => (error === null || error === undefined ? resolve(fetched as Fetched) : reject(error)),
        );
    });
}

/**
 * For places in one topic: the partition, and where the epoch of the last batch that was read ends. A place behind that
 * is one in a log that was cut off since. What the broker does not know any more is left out.
 */
export async function epochEnds(
    connection: Connection,
    places: readonly PartitionPlace[],
): Promise<readonly (readonly [partition: number, end: number])[]> {
    const [first] = places;
    const partitions = places.map(({ partition: partitionIndex, leaderEpoch }) => ({
        partitionIndex,
        currentLeaderEpoch: -1,
        leaderEpoch,
    }));
    const topics = [{ name: first?.topic ?? '', partitions }];
    const answer = await offsetForLeaderEpochV4.api.async(connection, -1, topics);
    return answer.topics.flatMap(({ partitions: ends }) =>
        ends.flatMap(({ partition, endOffset }) => (endOffset < 0n ? [] : [[partition, Number(endOffset)] as const])),
    );
}
