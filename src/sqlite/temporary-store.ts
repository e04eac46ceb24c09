import type { Database } from './database.ts';

/**
 * Where SQLite keeps sorts, temporary tables, and the previous contents of pages that a statement changes (for its
 * rollback). Normally on the disk, because these may grow with the history.
 * Source: https://www.sqlite.org/tempfiles.html
 */
type TemporaryPlace = 'FILE' | 'MEMORY';

/** To be called before a transaction, which reads the setting for its statement journal at the beginning. Drops temporary tables. */
export function beginTemporary(database: Database, place: TemporaryPlace): void {
    // Only a change of place empties the store, and only an empty store can be moved inside a transaction.
    database.pragma(`temp_store = ${place === 'FILE' ? 'MEMORY' : 'FILE'}`);
    database.pragma(`temp_store = ${place}`);
}

/** For sorts in the rest of a transaction. Only if no temporary table was created since `beginTemporary`. */
export function sortOnDisk(database: Database): void {
    database.pragma('temp_store = FILE');
}
