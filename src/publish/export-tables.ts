import type { Database } from '../sqlite/database.ts';
import { refuseUnknownTable, rowCount } from '../sqlite/read-tables.ts';
import { type ExportRequest, type ExportResult, exportTable } from './export-table.ts';

/** Receives the progress of an export. */
interface ExportObserver {
    /** A table begins; returns what is called after each batch. */
    readonly begins: (table: string, rowsTotal: number) => ExportRequest['breathe'];
    readonly ends: (result: ExportResult, milliseconds: number) => void;
}

/**
 * Exports tables one after the other, all of them as of one state of the database.
 * @throws EltError MODEL_UNKNOWN before anything is written, and as `exportTable` does
 */
export async function exportTables(
    database: Database,
    tables: readonly string[],
    options: Omit<ExportRequest, 'table' | 'breathe'>,
    observer: ExportObserver,
): Promise<readonly ExportResult[]> {
    for (const table of tables) {
        refuseUnknownTable(database, table);
    }
    // Sorting a whole table is done on disk.
    database.pragma('temp_store = FILE');
    database.exec('begin');
    try {
        const exported: ExportResult[] = [];
        for (const table of tables) {
            const started = performance.now();
            const breathe = observer.begins(table, rowCount(database, table));
            const result = await exportTable(database, { ...options, table, breathe });
            observer.ends(result, performance.now() - started);
            exported.push(result);
        }
        return exported;
    } finally {
        database.exec('rollback');
    }
}
