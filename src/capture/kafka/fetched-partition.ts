import type { AbortedTransaction } from './committed-batches.ts';
import { VarintReader } from './varint-reader.ts';

/** What a fetch gives of one partition. */
export interface FetchedPartition {
    readonly topicId: string;
    readonly partition: number;
    /** Kafka's number of an error; 0: none. */
    readonly errorCode: number;
    /** Behind the last message: where the next one will be. */
    readonly highWatermark: number;
    readonly logStartOffset: number;
    /** The log was cut off before what was read last: an offset from which it holds something else; null: it was not. */
    readonly divergesAt: number | null;
    readonly aborted: readonly AbortedTransaction[];
    /** Where the batches are: `source[start, end)`. */
    readonly source: Buffer;
    readonly start: number;
    readonly end: number;
}

/** What a fetch gives. */
export interface Fetched {
    readonly errorCode: number;
    readonly partitions: readonly FetchedPartition[];
}

/**
 * Reads the answer to a fetch, versions 13 to 17. An error of one partition is in its place: the client library throws
 * all of the answer away then. Source: https://kafka.apache.org/protocol#The_Messages_Fetch
 */
export function readFetched(source: Buffer): Fetched {
    const reader = new VarintReader(source, 0);
    reader.int32();
    const errorCode = reader.int16();
    reader.int32();
    const partitions: FetchedPartition[] = [];
    for (let topics = reader.compactLength() - 1; topics > 0; topics--) {
        const topicId = reader.uuid();
        for (let count = reader.compactLength() - 1; count > 0; count--) {
            partitions.push(partitionAt(reader, topicId));
        }
        reader.tags();
    }
    return { errorCode, partitions };
}

function partitionAt(reader: VarintReader, topicId: string): FetchedPartition {
    const partition = reader.int32();
    const errorCode = reader.int16();
    const highWatermark = reader.int64();
    reader.int64();
    const logStartOffset = reader.int64();
    const aborted: AbortedTransaction[] = [];
    for (let count = reader.compactLength() - 1; count > 0; count--) {
        reader.at += 8;
        aborted.push({ producerId: reader.source.readBigInt64BE(reader.at - 8), firstOffset: reader.int64() });
        reader.tags();
    }
    reader.int32();
    const length = Math.max(0, reader.compactLength() - 1);
    const start = reader.at;
    reader.at += length;
    let divergesAt: number | null = null;
    reader.tags((tag) => {
        if (tag === 0) {
            reader.int32();
            const endOffset = reader.int64();
            divergesAt = endOffset < 0 ? null : endOffset;
        }
        return true;
    });
    return {
        topicId,
        partition,
        errorCode,
        highWatermark,
        logStartOffset,
        divergesAt,
        aborted,
        source: reader.source,
        start,
        end: start + length,
    };
}
