import { CacheKib, type Database, useCache } from './database.ts';

/**
 * For the index of a table that has just been filled, which SQLite makes by a sort: in little memory its runs stay in the
 * processor's cache, and a second core sorts one while the next is read.
 */
export function whileIndexing<T>(database: Database, work: () => T): T {
    const before = database.pragma('cache_size', { simple: true });
    database.pragma('threads = 1');
    useCache(database, CacheKib.indexing);
    try {
        return work();
    } finally {
        database.pragma('threads = 0');
        database.pragma(`cache_size = ${before}`);
    }
}
