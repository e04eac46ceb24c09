import type { ExportColumn } from './export-columns.ts';

/** Writes rows to one new file, batch by batch; its memory does not grow with the number of rows. */
export interface TableWriter {
    /** One value a column; integers are bigints. */
    write(rows: readonly (readonly unknown[])[]): void;
    /** Completes the file. Must be called exactly once, even without rows. */
    finish(): void;
}

/** Creates the writer of a format for the file at `path`, which does not exist yet. */
export type MakeTableWriter = (path: string, columns: readonly ExportColumn[]) => TableWriter;
