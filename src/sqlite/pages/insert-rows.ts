import { utf8Text } from '../../core/utf8-text.ts';
import { quoteName } from '../../sql/quote.ts';
import type { Database } from '../database.ts';
import { kept, keptCount } from '../kept-statements.ts';
import type { PackedRows } from './table-pages.ts';

/** Beyond so many rows a part file is faster, whatever must be compiled anew. */
export const INSERTED_ROWS_MAX = 1_000;
/** In rows: what attaching and detaching a file takes, and compiling a statement anew. */
const [ATTACHED_ROWS, COMPILED_ROWS] = [50, 15];

/**
 * From so many rows on a part file is faster: a row takes 4 µs more by itself, a part file's transaction 0.2 ms more and
 * up to 0.06 ms for each statement that is kept.
 */
export function partFileRows(database: Database): number {
    return Math.min(INSERTED_ROWS_MAX, ATTACHED_ROWS + COMPILED_ROWS * keptCount(database));
}

type Value = null | bigint | number | string;

/** Bytes of the integers of serial types 1 to 6. Source: https://www.sqlite.org/fileformat2.html#record_format */
const INTEGER_BYTES = [0, 1, 2, 3, 4, 6, 8] as const;
const [INT64, REAL, ZERO, ONE, FIRST_TEXT] = [6, 7, 8, 9, 13];

/**
 * Inserts packed rows one by one, in the caller's transaction: the same rows as by way of a part file. For few rows that
 * is faster: a part file is attached, and when SQLite detaches it, every statement that was prepared is compiled anew.
 */
export function insertRows(database: Database, table: string, { bytes, ends, rowids }: PackedRows): void {
    const columns = kept(database, 'select count(*) from pragma_table_info(?)').pluck().get(table) as number;
    const places = Array.from({ length: columns }, () => '?').join(', ');
    const insert = kept(database, `insert into ${quoteName(table)} values (${places})`);
    const values = new Array<Value>(columns);
    let start = 0;
    for (const [row, end] of ends.entries()) {
        values.fill(null);
        readRecord(bytes, start, values);
        values[0] = BigInt(rowids[row] as number);
        insert.run(values);
        start = end;
    }
}

/** Puts the values of a record into `values`; those that it leaves out at its end stay as they are. */
function readRecord(bytes: Buffer, start: number, values: Value[]): void {
    const [headerLength, first] = varint(bytes, start);
    const headerEnd = start + headerLength;
    let [at, body] = [first, headerEnd];
    for (let column = 0; at < headerEnd; column++) {
        const [type, next] = varint(bytes, at);
        at = next;
        if (type >= FIRST_TEXT) {
            const end = body + (type - FIRST_TEXT) / 2;
            values[column] = utf8Text(bytes, body, end);
            body = end;
        } else if (type === REAL) {
            values[column] = bytes.readDoubleBE(body);
            body += 8;
        } else if (type === ZERO || type === ONE) {
            values[column] = type === ZERO ? 0n : 1n;
        } else if (type !== 0) {
            const length = INTEGER_BYTES[type] as number;
            values[column] = type === INT64 ? bytes.readBigInt64BE(body) : BigInt(bytes.readIntBE(body, length));
            body += length;
        }
    }
}

/** A number of seven bits a byte, and the place after it. */
function varint(bytes: Buffer, start: number): [value: number, end: number] {
    let value = 0;
    for (let at = start; ; at++) {
        const byte = bytes[at] as number;
        value = value * 128 + (byte & 0x7f);
        if (byte < 0x80) {
            return [value, at + 1];
        }
    }
}
