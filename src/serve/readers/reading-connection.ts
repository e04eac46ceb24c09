import { type Database, openDatabase } from '../../sqlite/database.ts';

/** How long a reader waits while a first load has locked the file. */
const BUSY_TIMEOUT_MS = 2_000;

/** A connection that runs SQL which others wrote: it only reads. */
export function openForReading(path: string): Database {
    const database = openDatabase(path, { readonly: true, busyTimeoutMs: BUSY_TIMEOUT_MS });
    // Functions that tell of the machine work in no view.
    database.pragma('trusted_schema = OFF');
    return database;
}
