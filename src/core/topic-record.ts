import type { ScannedValues } from './scanned-values.ts';

/** Values of rows that were scanned where the messages were read: those of a row follow each other. */
export interface RowValues {
    readonly values: ScannedValues;
    /** Values of a row: one of each column that the reader knew, in the order of the table's. */
    readonly columns: number;
}

/**
 * One message of a topic: where its bytes are in what was fetched. Views are made by those who need them: most messages
 * need one.
 */
export interface TopicRecord {
    readonly offset: number;
    /** Milliseconds since 1970: of the producer, or of the broker where the topic says so. */
    readonly timestamp: number;
    readonly source: Buffer;
    /** −1: the key is null. */
    readonly keyStart: number;
    readonly keyEnd: number;
    /** −1: the value is null, which deletes the key; equal to its end: it is empty. */
    readonly valueStart: number;
    readonly valueEnd: number;
    readonly headersStart: number;
    readonly headers: number;
    /** Behind its last header. */
    readonly end: number;
    /** The row that the value is, if it has been scanned already: its values begin at `aheadAt` of these. */
    readonly ahead: RowValues | null;
    readonly aheadAt: number;
}

/** Messages that follow each other; each is good until the next one is asked for. */
export interface TopicRecords extends Iterable<TopicRecord> {
    readonly length: number;
}

/** Null: the message has no key. */
export function keyOf({ source, keyStart, keyEnd }: TopicRecord): Buffer | null {
    return keyStart < 0 ? null : source.subarray(keyStart, keyEnd);
}
