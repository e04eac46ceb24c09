import Sqlite from 'better-sqlite3';
import { EltError } from '../core/errors.ts';
import type { Database } from './database.ts';
import { databaseError, sqliteCode } from './database-error.ts';

/**
 * Says that one process follows a source into a database, as long as it lives: the write lock of the database is free
 * between two commits, but two followers must not take turns.
 *
 * Owns `<database>-follow`, a SQLite file of one row, and in it a transaction that never ends: the system gives the lock
 * back when the process ends, however it ends. The file stays; nobody needs what is in it.
 */
export class FollowerLock {
    readonly #file: Sqlite.Database;

    private constructor(file: Sqlite.Database) {
        this.#file = file;
    }

    /** @throws EltError DATABASE_LOCKED, with the process that holds it. */
    static take(database: Database): FollowerLock {
        const path = `${database.name}-follow`;
        const file = new Sqlite(path, { timeout: 0 });
        try {
            file.exec('create table if not exists follower (only_row integer primary key, pid integer, since text)');
            file.prepare('insert or replace into follower values (1, ?, ?)').run(process.pid, new Date().toISOString());
            file.exec('begin immediate');
            return new FollowerLock(file);
        } catch (error) {
            const isHeld = sqliteCode(error).startsWith('SQLITE_BUSY');
            const known = isHeld ? held(database.name, file) : databaseError(error, path);
            file.close();
            throw known;
        }
    }

    release(): void {
        this.#file.close();
    }
}

function held(name: string, file: Sqlite.Database): EltError {
    const row = file.prepare('select pid, since from follower').get() as
        | { readonly pid: number; readonly since: string }
        | undefined;
    return new EltError({
        code: 'DATABASE_LOCKED',
        message: `"${name}" is followed into by another process`,
        found: row === undefined ? 'it has begun just now' : `process ${row.pid}, since ${row.since}`,
        state: 'nothing was changed',
        next: 'end the other "elt follow", or take another database with --db',
    });
}
