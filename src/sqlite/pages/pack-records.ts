import { SqliteRowWriter } from './sqlite-row-writer.ts';
import type { PackedRows } from './table-pages.ts';

/** Packs rows of texts and whole numbers, numbered from 1. */
export function packRecords(rows: readonly (readonly (string | number)[])[]): PackedRows {
    const writer = new SqliteRowWriter();
    for (const [index, row] of rows.entries()) {
        writer.begin();
        for (const value of row) {
            if (typeof value === 'string') {
                writer.addText(value);
            } else {
                writer.addInteger(value);
            }
        }
        writer.end(index + 1);
    }
    return writer;
}
