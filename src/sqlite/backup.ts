import { existsSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { EltError } from '../core/errors.ts';
import { syncFolder } from '../process/sync-folder.ts';
import type { Database } from './database.ts';
import { databaseError } from './database-error.ts';

/** More pages than any file has. */
export const ALL_PAGES = 0x7fffffff;

/**
 * Copies the last committed state of `database` to `file`, replacing it, while others read and write the database
 * (https://www.sqlite.org/backup.html). The copy is written next to `file`, checked, and renamed: a crash leaves `file`
 * unchanged, and perhaps `<file>.partial`, which the next backup replaces. Returns the bytes written.
 *
 * Throws `COMMAND_WRONG` if `file` exists and must not be replaced, or is in use; `DATABASE_DAMAGED` if the copy is not
 * sound; `DATABASE_FULL` and similar if it cannot be written.
 */
export async function backupDatabase(database: Database, file: string, mayReplace: boolean): Promise<number> {
    refuseTarget(file, database.name, mayReplace);
    const partial = `${file}.partial`;
    removeDatabase(partial);
    try {
        // In one step: with several, each commit of another process would restart the backup.
        const { totalPages } = await database.backup(partial, { progress: () => ALL_PAGES });
        const bytes = totalPages * Number(database.pragma('page_size', { simple: true }));
        refuseUnsound(partial, file);
        renameSync(partial, file);
        syncFolder(dirname(file));
        return bytes;
    } catch (error) {
        removeDatabase(partial);
        throw databaseError(error, file);
    }
}

function refuseTarget(file: string, source: string, mayReplace: boolean): void {
    const refuse = (found: string, next: string): never => {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `"${file}" cannot be the backup of "${source}"`,
            found,
            state: 'nothing was written',
            next,
        });
    };
    if (existsSync(file)) {
        if (statSync(file).isDirectory()) {
            refuse('it is a folder; expected a file', 'name a file in it');
        }
        if (realpathSync(file) === realpathSync(source)) {
            refuse('it is the database itself', 'name another file');
        }
        if (!mayReplace) {
            refuse('it exists', 'name another file, or replace it with --force');
        }
    }
    for (const log of [`${file}-wal`, `${file}-journal`]) {
        // SQLite would use it as the log of the new file and write old pages into it.
        if (existsSync(log) && statSync(log).size > 0) {
            refuse(`"${log}" is not empty: the file is in use`, 'end the process that uses it, or name another file');
        }
    }
}

function refuseUnsound(partial: string, file: string): void {
    const copy = new Sqlite(partial);
    try {
        const found = copy.pragma('quick_check(1)', { simple: true });
        if (found !== 'ok') {
            throw new EltError({
                code: 'DATABASE_DAMAGED',
                message: `"${file}" was not written: the copy is not sound`,
                found: String(found),
                state: 'the copy was removed; the database was not changed',
                next: 'see "elt verify"; restore an older backup, or load the sources into a new file',
            });
        }
    } finally {
        copy.close();
    }
}

function removeDatabase(file: string): void {
    for (const suffix of ['', '-wal', '-shm', '-journal']) {
        rmSync(`${file}${suffix}`, { force: true });
    }
}
