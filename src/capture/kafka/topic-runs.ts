import type { TopicRecord, TopicRecords } from '../../core/topic-record.ts';
import { committedBatches } from './committed-batches.ts';
import type { FetchedPartition } from './fetched-partition.ts';
import { recordBatches } from './record-batches.ts';

/** Messages of one partition that follow each other, and where to continue after them. */
export interface RecordRun {
    readonly records: TopicRecords;
    /** When the last of them was written; null: there are none. */
    readonly recordTime: number | null;
    readonly nextOffset: number;
    readonly leaderEpoch: number;
}

/** With so many bytes a run is full, however few messages it has. */
const RUN_BYTES = 512 * 1024;

/**
 * What a fetch from `fromOffset` on gave of a partition, in runs of at most `runMessagesMax` messages. A broker gives
 * whole batches: messages before the offset that was asked for have been read already.
 */
export function* topicRuns(
    fetched: FetchedPartition,
    fromOffset: number,
    runMessagesMax: number,
): Generator<RecordRun> {
    const { source, start, end, aborted } = fetched;
    let nextOffset = fromOffset;
    let leaderEpoch = -1;
    let records: TopicRecord[] = [];
    let bytes = 0;
    let isMoved = false;
    for (const { batch, counts } of committedBatches(recordBatches(source, start, end), aborted)) {
        if (batch.lastOffset < nextOffset) {
            continue;
        }
        leaderEpoch = batch.leaderEpoch;
        for (const record of counts ? batch.records() : []) {
            if (record.offset < nextOffset) {
                continue;
            }
            records.push(record);
            nextOffset = record.offset + 1;
            bytes += record.end - record.headersStart + (record.valueEnd - Math.max(0, record.valueStart));
            if (records.length === runMessagesMax || bytes >= RUN_BYTES) {
                yield { records, recordTime: record.timestamp, nextOffset, leaderEpoch };
                records = [];
                bytes = 0;
            }
        }
        isMoved ||= nextOffset <= batch.lastOffset;
        nextOffset = batch.lastOffset + 1;
    }
    if (records.length > 0 || isMoved) {
        yield { records, recordTime: records.at(-1)?.timestamp ?? null, nextOffset, leaderEpoch };
    }
}
