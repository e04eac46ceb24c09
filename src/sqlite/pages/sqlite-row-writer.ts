import { writeLsn } from '../../core/lsn.ts';
import { type TopicPlace, topicPlaceBytesMax, writeTopicPlace } from '../../core/topic-place.ts';
import { type PackedRows, varintLength, writeVarint } from './table-pages.ts';

const NULL = 0;
/** Of six bytes, and of eight; the types 1 to 4 have as many bytes. */
const [INT48, INT64] = [5, 6];
const REAL = 7;
const ZERO = 8;
const ONE = 9;
/** A text of n bytes has the serial type 2n + 13. */
const EMPTY_TEXT = 13;
const FIRST_BYTES = 4_096;
const LSN_BYTES_MAX = 17;
/** Bytes of a UTF-16 unit in UTF-8, at most. */
const UNIT_BYTES_MAX = 3;
/** Longer texts are measured before room is made for them. */
const MEASURED_FROM = 65_536;
/** A call of `write` costs as much as copying so many characters one by one. */
const COPIED_HERE_MAX = 32;
/** SQLite's own limit on a row. Source: https://www.sqlite.org/limits.html */
const RECORD_BYTES_MAX = 1_000_000_000;

/** A row that SQLite would refuse. `code` is that of SQLite's error. */
export class RowRefused extends Error {
    readonly code: string;

    constructor(code: string, message: string) {
        super(message);
        this.code = code;
    }
}

/**
 * Writes rows in SQLite's record format, one after the other: a header with a type for each value, then the values.
 * Values are added in the order of the table's columns, null for the rowid's own column; trailing nulls may be left
 * out. Two rows have the same bytes exactly when they have the same values of the same storage classes.
 * Source: https://www.sqlite.org/fileformat2.html#record_format
 */
export class SqliteRowWriter implements PackedRows {
    bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
    readonly ends: number[] = [];
    readonly rowids: number[] = [];
    /** Serial types of the current row. */
    #types = new Int32Array(64);
    #columns = 0;
    /** Where the values of the current row begin, and where the next one goes. */
    #body = 0;
    #at = 0;
    /** Texts still to be copied: `source[sourceStart, sourceEnd)` to `copyAt`. */
    #source: Buffer | null = null;
    #sourceStart = 0;
    #sourceEnd = 0;
    #copyAt = 0;
    readonly #bytesMax: number;
    /** The header holds the values' lengths and so is written after them: room for one as long as the last row's. */
    #headerLength = 0;

    /** `bytesMax`: the limit on one row. */
    constructor(bytesMax = RECORD_BYTES_MAX) {
        this.#bytesMax = bytesMax;
    }

    /** Bytes of complete rows. */
    get length(): number {
        return this.ends.at(-1) ?? 0;
    }

    begin(): void {
        this.#columns = 0;
        this.#source = null;
        this.#body = this.length + this.#headerLength;
        this.#at = this.#body;
        this.#reserve(0);
    }

    addNull(): void {
        this.#addType(NULL);
    }

    /** An integer of 64 bits. */
    addInteger(value: number | bigint): void {
        if (typeof value === 'bigint' && !Number.isSafeInteger(Number(value))) {
            this.#reserve(8);
            this.#addType(INT64);
            this.#at = this.bytes.writeBigInt64BE(value, this.#at);
            return;
        }
        const number = Number(value);
        if (number === 0 || number === 1) {
            this.#addType(number === 0 ? ZERO : ONE);
            return;
        }
        this.#reserve(8);
        const type = integerType(number);
        this.#addType(type);
        if (type === INT64) {
            this.#at = this.bytes.writeBigInt64BE(BigInt(number), this.#at);
            return;
        }
        const { bytes } = this;
        let at = this.#at;
        let length = type;
        if (type === INT48) {
            const high = Math.floor(number / 2 ** 32);
            bytes[at++] = high >> 8;
            bytes[at++] = high;
            length = 4;
        }
        for (let shift = 8 * (length - 1); shift >= 0; shift -= 8) {
            bytes[at++] = number >> shift;
        }
        this.#at = at;
    }

    addReal(value: number): void {
        this.#reserve(8);
        this.#addType(REAL);
        // SQLite keeps no sign of a zero in a REAL column.
        this.#at = this.bytes.writeDoubleBE(value === 0 ? 0 : value, this.#at);
    }

    /** The text of an LSN, from its two halves. */
    addLsn(high: number, low: number): void {
        this.#reserve(LSN_BYTES_MAX);
        const end = writeLsn(this.bytes, this.#at, high, low);
        this.#addType(EMPTY_TEXT + 2 * (end - this.#at));
        this.#at = end;
    }

    addTopicPlace(place: TopicPlace): void {
        this.#reserve(topicPlaceBytesMax(place));
        const end = writeTopicPlace(this.bytes, this.#at, place);
        this.#addType(EMPTY_TEXT + 2 * (end - this.#at));
        this.#at = end;
    }

    addText(value: string): void {
        const short = value.length <= COPIED_HERE_MAX ? this.#copyAscii(value) : -1;
        if (short >= 0) {
            this.#at += short;
            this.#addType(EMPTY_TEXT + 2 * short);
            return;
        }
        const most = value.length * UNIT_BYTES_MAX;
        this.#reserve(most < MEASURED_FROM ? most : Buffer.byteLength(value));
        const length = this.bytes.write(value, this.#at);
        this.#at += length;
        this.#addType(EMPTY_TEXT + 2 * length);
    }

    /** Writes a text of ASCII, and returns its length; -1: it has other characters. */
    #copyAscii(value: string): number {
        const { length } = value;
        this.#reserve(length);
        const { bytes } = this;
        const at = this.#at;
        for (let index = 0; index < length; index++) {
            const code = value.charCodeAt(index);
            if (code > 0x7f) {
                return -1;
            }
            bytes[at + index] = code;
        }
        return length;
    }

    /**
     * A text whose UTF-8 is `source[start, end)`. It is copied by the end of the row; adjacent texts are copied together.
     */
    addTextBytes(source: Buffer, start: number, end: number): void {
        const length = end - start;
        this.#reserve(length);
        this.#addType(EMPTY_TEXT + 2 * length);
        if (
            source !== this.#source ||
            start !== this.#sourceEnd ||
            this.#at !== this.#copyAt + start - this.#sourceStart
        ) {
            this.#copyTexts();
            this.#source = source;
            this.#sourceStart = start;
            this.#copyAt = this.#at;
        }
        this.#sourceEnd = end;
        this.#at += length;
    }

    #copyTexts(): void {
        const source = this.#source;
        if (source === null) {
            return;
        }
        this.#source = null;
        const start = this.#sourceStart;
        const length = this.#sourceEnd - start;
        if (length > COPIED_HERE_MAX) {
            // `copy` needs no subarray, which `set` would.
            source.copy(this.bytes, this.#copyAt, start, start + length);
            return;
        }
        const { bytes } = this;
        const at = this.#copyAt;
        for (let index = 0; index < length; index++) {
            bytes[at + index] = source[start + index] as number;
        }
    }

    /**
     * Ends the row.
     * @throws RowRefused if it is longer than SQLite allows; then the row is discarded.
     */
    end(rowid: number): void {
        // SQLite reports a record without values as corrupt.
        while (this.#columns > 1 && this.#types[this.#columns - 1] === NULL) {
            this.#columns--;
        }
        this.#copyTexts();
        const start = this.length;
        const header = this.#headerBytes();
        const end = start + header + this.#at - this.#body;
        if (end - start > this.#bytesMax) {
            throw new RowRefused('SQLITE_TOOBIG', `the row has ${end - start} bytes`);
        }
        if (header !== this.#headerLength) {
            this.#reserve(header);
            this.bytes.copyWithin(start + header, this.#body, this.#at);
            this.#headerLength = header;
        }
        let at = writeVarint(this.bytes, start, header);
        for (let column = 0; column < this.#columns; column++) {
            at = writeVarint(this.bytes, at, this.#types[column] as number);
        }
        this.ends.push(end);
        this.rowids.push(rowid);
    }

    /** Discards all rows after the first `rows`. */
    truncate(rows: number): void {
        this.ends.length = rows;
        this.rowids.length = rows;
    }

    /** Discards all rows and releases the memory at once. */
    free(): void {
        this.truncate(0);
        freeBuffer(this.bytes);
        this.bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
    }

    #headerBytes(): number {
        let length = 0;
        for (let column = 0; column < this.#columns; column++) {
            length += varintLength(this.#types[column] as number);
        }
        // The header's length includes itself.
        return length + varintLength(length + varintLength(length + 1));
    }

    #addType(type: number): void {
        if (this.#columns === this.#types.length) {
            const larger = new Int32Array(2 * this.#types.length);
            larger.set(this.#types);
            this.#types = larger;
        }
        this.#types[this.#columns++] = type;
    }

    #reserve(more: number): void {
        if (this.#at + more <= this.bytes.length) {
            return;
        }
        const larger = Buffer.allocUnsafeSlow(Math.max(this.#at + more, 2 * this.bytes.length));
        this.bytes.copy(larger, 0, 0, this.#at);
        this.bytes = larger;
    }
}

/** The serial type of a whole number other than 0 and 1: up to 4 it is its bytes, as few as hold it. */
function integerType(value: number): number {
    const magnitude = value < 0 ? -(value + 1) : value;
    if (magnitude < 2 ** 7) {
        return 1;
    }
    if (magnitude < 2 ** 15) {
        return 2;
    }
    if (magnitude < 2 ** 23) {
        return 3;
    }
    if (magnitude < 2 ** 31) {
        return 4;
    }
    return magnitude < 2 ** 47 ? INT48 : INT64;
}

/** Frees a buffer that is not a view of another: the garbage collector may not run for a long time. */
export function freeBuffer(bytes: Buffer): void {
    (bytes.buffer as ArrayBuffer).transfer(0);
}
