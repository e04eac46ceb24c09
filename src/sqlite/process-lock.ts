import Sqlite from 'better-sqlite3';
import { EltError } from '../core/errors.ts';
import type { Database } from './database.ts';
import { databaseError, sqliteCode } from './database-error.ts';

/** How long a push waits for the one under way: a first push of much takes minutes. */
const WAIT_MS = 30_000;

/** What one process at a time does for a database, and how it is said that another one does it. */
interface LockedWork {
    /** What the lock's file is called, after the name of the database. */
    readonly suffix: string;
    readonly does: string;
}

/** Two would send rows of two states to the same target. */
export const PUSHING: LockedWork = { suffix: 'push', does: 'pushes the marts of' };
/** Two would write the same parts, and each would remove what the other has not named yet. */
export const PUSHING_TO_LAKE: LockedWork = { suffix: 'lake', does: 'pushes to a lake from' };

/**
 * Says that one process does a work for a database.
 *
 * Owns `<database>-<suffix>`, an empty SQLite file, and in it a transaction that ends with the work: the system gives the
 * lock back when the process ends, however it ends. The file stays.
 */
export class ProcessLock {
    readonly #file: Sqlite.Database;

    private constructor(file: Sqlite.Database) {
        this.#file = file;
    }

    /** @throws EltError DATABASE_LOCKED when the other process does not end. */
    static take(database: Database, work: LockedWork, waitMs = WAIT_MS): ProcessLock {
        const path = `${database.name}-${work.suffix}`;
        let file: Sqlite.Database | undefined;
        try {
            file = new Sqlite(path, { timeout: waitMs });
            file.exec('begin exclusive');
            return new ProcessLock(file);
        } catch (error) {
            file?.close();
            const isHeld = sqliteCode(error).startsWith('SQLITE_BUSY');
            throw isHeld ? held(database.name, work, waitMs) : databaseError(error, path);
        }
    }

    release(): void {
        this.#file.close();
    }
}

function held(name: string, { does }: LockedWork, waitMs: number): EltError {
    return new EltError({
        code: 'DATABASE_LOCKED',
        message: `another process ${does} "${name}"`,
        found: `it has not ended within ${waitMs / 1_000} seconds`,
        state: 'nothing was pushed',
        next: 'wait for it, or end it: what it has not finished is repeated without harm',
    });
}
