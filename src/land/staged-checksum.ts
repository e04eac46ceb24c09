import { crc32 } from 'node:zlib';
import type { SqliteRowWriter } from '../sqlite/pages/sqlite-row-writer.ts';

/**
 * What one load has put into one staging table so far: how many rows, and the CRC-32 of their records, one behind the
 * other, as `SqliteRowWriter` writes them. A record holds all values but `_seq`, and no nulls at its end, so a column that
 * is added later leaves old checksums as they are.
 */
export interface StagedCount {
    rows: number;
    checksum: number;
}

/** Counts the rows `[from, to)` of `writer`. */
export function countRows(count: StagedCount, writer: SqliteRowWriter, from: number, to: number): void {
    const start = from === 0 ? 0 : (writer.ends[from - 1] as number);
    const end = to === 0 ? 0 : (writer.ends[to - 1] as number);
    count.checksum = crc32(writer.bytes.subarray(start, end), count.checksum);
    count.rows += to - from;
}
