import { crc32 } from 'node:zlib';
import type { SqliteRowWriter } from '../sqlite/pages/sqlite-row-writer.ts';

/**
 * What one load has put into one staging table so far: the number of rows, and the CRC-32 of their records as
 * `SqliteRowWriter` writes them. A record has all values but `_seq`, without trailing nulls, so a column that is added
 * later does not change old checksums.
 */
export interface StagedCount {
    rows: number;
    checksum: number;
}

/** Adds the rows `[from, to)` of `writer`. */
export function countRows(count: StagedCount, writer: SqliteRowWriter, from: number, to: number): void {
    const start = from === 0 ? 0 : (writer.ends[from - 1] as number);
    const end = to === 0 ? 0 : (writer.ends[to - 1] as number);
    count.checksum = crc32(writer.bytes.subarray(start, end), count.checksum);
    count.rows += to - from;
}
