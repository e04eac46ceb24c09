import { type Database, isLargeFile } from './database.ts';

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

/** There is more to do than the store in memory is for. */
class OutgrowsMemory extends Error {}

/**
 * Works with the store in memory where little is expected, else on the disk. `work` calls `muchToDo` as soon as it knows
 * better, before it writes and without a temporary table: a rebuild has no new change, and an edited model neither. In a
 * large file `work` is then taken back and called again with the store on the disk, since each page of the tables before
 * that is used again would be kept in memory for the statement's rollback; in a small one only sorts go to the disk.
 */
export function withTemporaryStore<Answer>(
    database: Database,
    isLittle: boolean,
    work: (muchToDo: () => void) => Answer,
): Answer {
    if (isLittle) {
        beginTemporary(database, 'MEMORY');
        try {
            return work(() => {
                if (isLargeFile(database)) {
                    throw new OutgrowsMemory();
                }
                database.pragma('temp_store = FILE');
            });
        } catch (error) {
            if (!(error instanceof OutgrowsMemory)) {
                throw error;
            }
        }
    }
    beginTemporary(database, 'FILE');
    return work(() => undefined);
}
