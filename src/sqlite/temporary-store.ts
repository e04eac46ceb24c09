import type { Database } from './database.ts';

/**
 * Where SQLite keeps what it sets aside: sorts, temporary tables, and of each page that a statement of many changes
 * touches the content before, should the statement fail. On the disk as a rule, because it may grow with the history.
 * Source: https://www.sqlite.org/tempfiles.html
 */
export type TemporaryPlace = 'FILE' | 'MEMORY';

/** Before a transaction, which asks as it begins where the content of pages goes. Temporary tables are forgotten. */
export function beginTemporary(database: Database, place: TemporaryPlace): void {
    // Only a change of place empties it, and only what is empty can be moved inside a transaction.
    database.pragma(`temp_store = ${place === 'FILE' ? 'MEMORY' : 'FILE'}`);
    database.pragma(`temp_store = ${place}`);
}

/** For the sorts of the rest of a transaction. Only where no temporary table was made since `beginTemporary`. */
export function sortOnDisk(database: Database): void {
    database.pragma('temp_store = FILE');
}
