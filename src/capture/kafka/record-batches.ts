import { compressionsAlgorithmsByBitmask, crc32c } from '@platformatic/kafka';
import type { TopicRecord } from '../../core/topic-record.ts';
import { VarintReader } from './varint-reader.ts';

/**
 * The batches of a partition as a broker keeps them, of which a fetch gives the bytes as they lie in its log.
 * Source: https://kafka.apache.org/documentation/#recordbatch
 */
export interface RecordBatch {
    readonly firstOffset: number;
    readonly lastOffset: number;
    readonly leaderEpoch: number;
    readonly producerId: bigint;
    readonly isTransactional: boolean;
    /** It holds no messages but the end of a transaction. */
    readonly isControl: boolean;
    /** Decompressed and read when they are asked for, one by one: those of aborted transactions never are. */
    records(): Iterable<TopicRecord>;
}

/** Bytes that are no batches: of a format that is older than 2017, or damaged on the way. */
export class BadBatch extends Error {}

const HEAD_BYTES = 61;
/** Before the length: the first offset, and the length itself. */
const BEFORE_LENGTH_BYTES = 12;
const CHECKED_FROM = 21;
const COMPRESSION = 0b111;
const IS_APPEND_TIME = 1 << 3;
const IS_TRANSACTIONAL = 1 << 4;
const IS_CONTROL = 1 << 5;

/** Where the last whole batch in `source[start, end)` ends, by the heads of the batches alone; null: there is none. */
export function lastBatch(
    source: Buffer,
    start: number,
    end: number,
): { readonly lastOffset: number; readonly leaderEpoch: number } | null {
    let last = -1;
    for (let at = start; at + HEAD_BYTES <= end; ) {
        const next = at + BEFORE_LENGTH_BYTES + source.readInt32BE(at + 8);
        if (next > end) {
            break;
        }
        last = at;
        at = next;
    }
    return last < 0
        ? null
        : {
              lastOffset: Number(source.readBigInt64BE(last)) + source.readInt32BE(last + 23),
              leaderEpoch: source.readInt32BE(last + 12),
          };
}

/** The batches in `source[start, end)`; the last one may be cut off, and is left out then. */
export function* recordBatches(source: Buffer, start: number, end: number): Generator<RecordBatch> {
    for (let at = start; at + HEAD_BYTES <= end; ) {
        const next = at + BEFORE_LENGTH_BYTES + source.readInt32BE(at + 8);
        if (next > end) {
            return;
        }
        yield batchAt(source, at, next);
        at = next;
    }
}

function batchAt(source: Buffer, at: number, end: number): RecordBatch {
    const magic = source[at + 16];
    if (magic !== 2) {
        throw new BadBatch(`a batch of messages has format ${magic}; expected 2, which Kafka has written since 0.11`);
    }
    if (crc32c(source.subarray(at + CHECKED_FROM, end)) !== source.readUInt32BE(at + 17)) {
        throw new BadBatch('the checksum of a batch of messages is wrong');
    }
    const attributes = source.readInt16BE(at + CHECKED_FROM);
    const firstOffset = Number(source.readBigInt64BE(at));
    return {
        firstOffset,
        lastOffset: firstOffset + source.readInt32BE(at + 23),
        leaderEpoch: source.readInt32BE(at + 12),
        producerId: source.readBigInt64BE(at + 43),
        isTransactional: (attributes & IS_TRANSACTIONAL) !== 0,
        isControl: (attributes & IS_CONTROL) !== 0,
        records: () => recordsOf(source, at, end, attributes, firstOffset),
    };
}

function* recordsOf(
    source: Buffer,
    at: number,
    end: number,
    attributes: number,
    firstOffset: number,
): Generator<TopicRecord> {
    const firstTime = Number(source.readBigInt64BE(at + 27));
    const appendTime = (attributes & IS_APPEND_TIME) === 0 ? null : Number(source.readBigInt64BE(at + 35));
    const count = source.readInt32BE(at + 57);
    const packing = attributes & COMPRESSION;
    const bytes = packing === 0 ? source : unpacked(source.subarray(at + HEAD_BYTES, end), packing);
    const reader = new VarintReader(bytes, packing === 0 ? at + HEAD_BYTES : 0);
    for (let index = 0; index < count; index++) {
        yield recordAt(reader, firstOffset, firstTime, appendTime);
    }
}

function recordAt(
    reader: VarintReader,
    firstOffset: number,
    firstTime: number,
    appendTime: number | null,
): TopicRecord {
    const length = reader.varint();
    const next = reader.at + length;
    reader.at++;
    const timestamp = firstTime + reader.varint();
    const offset = firstOffset + reader.varint();
    const keyLength = reader.varint();
    const keyStart = keyLength < 0 ? -1 : reader.at;
    reader.at += Math.max(0, keyLength);
    const keyEnd = reader.at;
    const valueLength = reader.varint();
    const valueStart = valueLength < 0 ? -1 : reader.at;
    reader.at += Math.max(0, valueLength);
    const valueEnd = reader.at;
    const headers = reader.varint();
    const headersStart = reader.at;
    reader.at = next;
    return {
        offset,
        timestamp: appendTime ?? timestamp,
        source: reader.source,
        keyStart,
        keyEnd,
        valueStart,
        valueEnd,
        headersStart,
        headers,
        end: next,
        ahead: null,
        aheadAt: 0,
    };
}

function unpacked(bytes: Buffer, packing: number): Buffer {
    const known = (compressionsAlgorithmsByBitmask as Readonly<Record<number, Algorithm>>)[packing];
    if (known === undefined) {
        throw new BadBatch(`a batch of messages is compressed in a way (${packing}) that is not known`);
    }
    try {
        return Buffer.from(known.decompressSync(bytes));
    } catch (error) {
        throw new BadBatch(`a batch of messages cannot be decompressed: ${(error as Error).message}`);
    }
}

interface Algorithm {
    decompressSync(data: Buffer): Buffer;
}
