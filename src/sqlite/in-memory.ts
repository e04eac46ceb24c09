import Sqlite from 'better-sqlite3';
import type { Database } from './database.ts';

/** An empty database in memory, which is gone when it is closed. */
export function openInMemory(): Database {
    return new Sqlite(':memory:');
}

/** A copy in memory of a database in memory. */
export function copyInMemory(database: Database): Database {
    return new Sqlite(database.serialize());
}
