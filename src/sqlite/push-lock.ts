import Sqlite from 'better-sqlite3';
import { EltError } from '../core/errors.ts';
import type { Database } from './database.ts';
import { databaseError, sqliteCode } from './database-error.ts';

/** How long a push waits for the one under way: a first push of much takes minutes. */
const WAIT_MS = 30_000;

/**
 * Says that one process pushes for a database: two would send rows of two states to the same target.
 *
 * Owns `<database>-push`, an empty SQLite file, and in it a transaction that ends with the push: the system gives the lock
 * back when the process ends, however it ends. The file stays.
 */
export class PushLock {
    readonly #file: Sqlite.Database;

    private constructor(file: Sqlite.Database) {
        this.#file = file;
    }

    /** @throws EltError DATABASE_LOCKED when another push does not end. */
    static take(database: Database, waitMs = WAIT_MS): PushLock {
        const path = `${database.name}-push`;
        let file: Sqlite.Database | undefined;
        try {
            file = new Sqlite(path, { timeout: waitMs });
            file.exec('begin exclusive');
            return new PushLock(file);
        } catch (error) {
            file?.close();
            throw sqliteCode(error).startsWith('SQLITE_BUSY') ? held(database.name) : databaseError(error, path);
        }
    }

    release(): void {
        this.#file.close();
    }
}

function held(name: string): EltError {
    return new EltError({
        code: 'DATABASE_LOCKED',
        message: `another process pushes the marts of "${name}"`,
        found: `it has not ended within ${WAIT_MS / 1_000} seconds`,
        state: 'nothing was pushed',
        next: 'wait for it, or end it: what it has not finished is repeated without harm',
    });
}
