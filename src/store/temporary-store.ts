import type { Database } from './database.ts';

/**
 * Where SQLite keeps what it sets aside: sorts, temporary tables, and of each page that a statement of many changes
 * touches the content before, should the statement fail. On the disk as a rule, because it may grow with the history.
 * Source: https://www.sqlite.org/tempfiles.html
 */

/** For a connection between two transactions: on the disk again, temporary tables are forgotten. */
export function keepTemporaryOnDisk(database: Database): void {
    // Only a change of place empties it, and only an empty one can be moved inside a transaction.
    database.pragma('temp_store = MEMORY');
    database.pragma('temp_store = FILE');
}

/** For the rest of a transaction that touches little. Only where nothing temporary was made since `keepTemporaryOnDisk`. */
export function keepTemporaryInMemory(database: Database): void {
    database.pragma('temp_store = MEMORY');
}
