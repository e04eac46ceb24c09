import { PlacedValues } from '../../core/placed-values.ts';
import type { RowValues, TopicRecord, TopicRecords } from '../../core/topic-record.ts';
import type { RecordRun } from './topic-runs.ts';

/**
 * Messages on their way from the thread that reads them: a run as numbers in columns, then the bytes of its messages.
 * The reader of it takes numbers and bytes where they lie.
 */

/** What scans rows where they are read: see `decode/rows/rows-ahead.ts`. */
export interface RowScan {
    readonly columns: number;
    /** Those of the row that was scanned last. */
    readonly values: PlacedValues;
    scan(source: Buffer, start: number, end: number): boolean;
}

/** The next offset (8 bytes), the leader's epoch, how many messages and how many columns, and where their bytes are. */
const HEAD_BYTES = 24;
const [EPOCH_AT, COUNT_AT, COLUMNS_AT, BYTES_AT] = [8, 12, 16, 20];
/** Of a message: its offset and its time, then as many whole numbers. */
const [WIDE, MARKS] = [2, 8];
/** Of a value: where it starts and ends, and its kind. */
const VALUE_BYTES = 9;

/** Packs runs, one after the other, into memory of its own that grows. */
export class RunPacker {
    #bytes = Buffer.allocUnsafeSlow(128 * 1024);
    /** Bytes of the run that was packed last. */
    length = 0;

    /** Good until the next run. */
    get bytes(): Buffer {
        return this.#bytes;
    }

    pack({ records, nextOffset, leaderEpoch }: RecordRun, rows: RowScan | null): void {
        const count = records.length;
        const columns = rows?.columns ?? 0;
        const bytesAt = HEAD_BYTES + count * (8 * WIDE + 4 * MARKS + columns * VALUE_BYTES);
        this.#reserve(bytesAt + lengthOf(records));
        const bytes = this.#bytes;
        bytes.writeDoubleLE(nextOffset, 0);
        bytes.writeInt32LE(leaderEpoch, EPOCH_AT);
        bytes.writeInt32LE(count, COUNT_AT);
        bytes.writeInt32LE(columns, COLUMNS_AT);
        bytes.writeInt32LE(bytesAt, BYTES_AT);
        this.length = this.#fill(new RunColumns(bytes, count, columns), records, rows, bytesAt);
    }

    /** Returns where the bytes end. */
    #fill(into: RunColumns, records: TopicRecords, rows: RowScan | null, bytesAt: number): number {
        let at = bytesAt;
        let index = 0;
        for (const record of records) {
            const { source, end } = record;
            const start = startOf(record);
            const shift = at - bytesAt - start;
            source.copy(this.#bytes, at, start, end);
            at += end - start;
            into.put(index, record, shift);
            if (rows !== null && record.valueStart >= 0 && rows.scan(source, record.valueStart, record.valueEnd)) {
                into.putRow(index, rows.values, shift);
            }
            index++;
        }
        return at;
    }

    #reserve(length: number): void {
        if (length > this.#bytes.length) {
            this.#bytes = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#bytes.length));
        }
    }
}

/** A run out of bytes that begin at a multiple of eight in their memory; its messages are good as long as they are. */
export function unpackedRun(bytes: Buffer): RecordRun {
    const [count, columns] = [bytes.readInt32LE(COUNT_AT), bytes.readInt32LE(COLUMNS_AT)];
    const source = bytes.subarray(bytes.readInt32LE(BYTES_AT));
    const run = new RunColumns(bytes, count, columns);
    return {
        records: { length: count, [Symbol.iterator]: () => run.records(source) },
        recordTime: run.recordTime,
        nextOffset: bytes.readDoubleLE(0),
        leaderEpoch: bytes.readInt32LE(EPOCH_AT),
    };
}

/** The numbers of a run as views of its bytes. */
class RunColumns {
    readonly #count: number;
    readonly #columns: number;
    readonly #wide: Float64Array;
    readonly #marks: Int32Array;
    readonly #starts: Int32Array;
    readonly #ends: Int32Array;
    readonly #kinds: Uint8Array;

    constructor({ buffer, byteOffset }: Buffer, count: number, columns: number) {
        this.#count = count;
        this.#columns = columns;
        const values = count * columns;
        let at = byteOffset + HEAD_BYTES;
        this.#wide = new Float64Array(buffer, at, WIDE * count);
        at += 8 * WIDE * count;
        this.#marks = new Int32Array(buffer, at, MARKS * count);
        at += 4 * MARKS * count;
        this.#starts = new Int32Array(buffer, at, values);
        at += 4 * values;
        this.#ends = new Int32Array(buffer, at, values);
        at += 4 * values;
        this.#kinds = new Uint8Array(buffer, at, values);
    }

    /** `shift`: from places in the message's bytes to those in the run's. */
    put(index: number, record: TopicRecord, shift: number): void {
        const [wide, marks] = [this.#wide, this.#marks];
        wide[WIDE * index] = record.offset;
        wide[WIDE * index + 1] = record.timestamp;
        const at = MARKS * index;
        marks[at] = record.keyStart < 0 ? -1 : record.keyStart + shift;
        marks[at + 1] = record.keyEnd + shift;
        marks[at + 2] = record.valueStart < 0 ? -1 : record.valueStart + shift;
        marks[at + 3] = record.valueEnd + shift;
        marks[at + 4] = record.headersStart + shift;
        marks[at + 5] = record.headers;
        marks[at + 6] = record.end + shift;
        marks[at + 7] = 0;
    }

    putRow(index: number, values: PlacedValues, shift: number): void {
        const from = this.#columns * index;
        for (let column = 0; column < this.#columns; column++) {
            this.#kinds[from + column] = values.kinds[column] as number;
            this.#starts[from + column] = values.start(column) + shift;
            this.#ends[from + column] = (values.ends[column] as number) + shift;
        }
        this.#marks[MARKS * index + 7] = 1;
    }

    /** When the last message was written; null: there is none. */
    get recordTime(): number | null {
        return this.#count === 0 ? null : (this.#wide.at(-1) as number);
    }

    /** One object for all messages, as each is read before the next. */
    *records(source: Buffer): Generator<TopicRecord> {
        const [wide, marks] = [this.#wide, this.#marks];
        const values = new PlacedValues(source, this.#kinds, this.#starts, this.#ends);
        const ahead: RowValues = { values, columns: this.#columns };
        const record = new UnpackedRecord(source);
        for (let index = 0; index < this.#count; index++) {
            const at = MARKS * index;
            record.offset = wide[WIDE * index] as number;
            record.timestamp = wide[WIDE * index + 1] as number;
            record.keyStart = marks[at] as number;
            record.keyEnd = marks[at + 1] as number;
            record.valueStart = marks[at + 2] as number;
            record.valueEnd = marks[at + 3] as number;
            record.headersStart = marks[at + 4] as number;
            record.headers = marks[at + 5] as number;
            record.end = marks[at + 6] as number;
            record.ahead = marks[at + 7] === 1 ? ahead : null;
            record.aheadAt = this.#columns * index;
            yield record;
        }
    }
}

class UnpackedRecord implements TopicRecord {
    readonly source: Buffer;
    offset = 0;
    timestamp = 0;
    keyStart = 0;
    keyEnd = 0;
    valueStart = 0;
    valueEnd = 0;
    headersStart = 0;
    headers = 0;
    end = 0;
    ahead: RowValues | null = null;
    aheadAt = 0;

    constructor(source: Buffer) {
        this.source = source;
    }
}

function lengthOf(records: TopicRecords): number {
    let length = 0;
    for (const record of records) {
        length += record.end - startOf(record);
    }
    return length;
}

/** Where what is kept of a message begins. */
function startOf({ keyStart, valueStart, headersStart }: TopicRecord): number {
    return keyStart >= 0 ? keyStart : valueStart >= 0 ? valueStart : headersStart;
}
