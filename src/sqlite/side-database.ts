import Sqlite from 'better-sqlite3';
import type { Database } from './database.ts';

/** A database on the disk that goes when it is closed: room for what may not fit into memory. */
export function openSideDatabase(): Database {
    const database = new Sqlite('');
    database.pragma('journal_mode = OFF');
    database.pragma('synchronous = OFF');
    return database;
}
