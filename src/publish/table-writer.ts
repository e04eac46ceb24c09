import type { ExportColumn } from './export-columns.ts';

/** Writes rows to one new file, batch by batch; what it holds does not grow with their number. */
export interface TableWriter {
    /** One value a column; integers are bigints. */
    write(rows: readonly (readonly unknown[])[]): void;
    /** Completes the file. Must be called once, also where there are no rows. */
    finish(): void;
}

/** Makes the writer of a format for the file at `path`, which does not exist yet. */
export type MakeTableWriter = (path: string, columns: readonly ExportColumn[]) => TableWriter;
