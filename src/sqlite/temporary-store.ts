import { type Database, isLargeFile } from './database.ts';

/**
 * Where SQLite keeps sorts, temporary tables, and the previous contents of pages that a statement changes (for its
 * rollback). Normally on the disk, because these may grow with the history.
 * Source: https://www.sqlite.org/tempfiles.html
 */
type TemporaryPlace = 'FILE' | 'MEMORY';

/** Where each database keeps them now, as far as it was said here; SQLite does not tell. */
const places = new WeakMap<Database, TemporaryPlace>();

/** To be called before a transaction, which reads the setting for its statement journal at the beginning. Drops temporary tables. */
export function beginTemporary(database: Database, place: TemporaryPlace): void {
    // Only a change of place empties the store, and only an empty store can be moved inside a transaction.
    database.pragma(`temp_store = ${place === 'FILE' ? 'MEMORY' : 'FILE'}`);
    database.pragma(`temp_store = ${place}`);
    places.set(database, place);
}

/** There is more to do than the store in memory is for: to be begun again with it on the disk. */
export class OutgrowsMemory extends Error {}

/**
 * Called where more is to be done than a few changes ask for: a rebuild, a model that was edited, all rows compared. In a
 * large file each page of a table that is used again would be kept in memory for the statement's rollback, and so would
 * sorts. @throws OutgrowsMemory
 */
export function refuseMuchInMemory(database: Database): void {
    if (places.get(database) === 'MEMORY' && isLargeFile(database)) {
        throw new OutgrowsMemory();
    }
}

/** Works with the store in memory where little is expected; if that turns out to be wrong, again with it on the disk. */
export function withTemporaryStore<Answer>(database: Database, isLittle: boolean, work: () => Answer): Answer {
    if (isLittle) {
        beginTemporary(database, 'MEMORY');
        try {
            return work();
        } catch (error) {
            if (!(error instanceof OutgrowsMemory)) {
                throw error;
            }
        }
    }
    beginTemporary(database, 'FILE');
    return work();
}
