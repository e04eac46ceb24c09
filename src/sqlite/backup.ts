import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { EltError } from '../core/errors.ts';
import type { Database } from './database.ts';
import { databaseError } from './database-error.ts';

/** More pages than a file can have. */
const ALL_PAGES = 0x7fffffff;

/** What a backup holds. */
export interface Backup {
    readonly bytes: number;
}

/**
 * Copies the last committed state of `database` to `file`, over what is there, while others read and write it
 * (https://www.sqlite.org/backup.html). The copy is made beside `file`, checked, and renamed: a crash leaves `file` as
 * it was, and perhaps `<file>.partial`, which the next backup replaces.
 *
 * Throws `DATABASE_DAMAGED` if the copy is not sound, `DATABASE_FULL` and its like if it cannot be written.
 */
export async function backupDatabase(database: Database, file: string): Promise<Backup> {
    const partial = `${file}.partial`;
    removeDatabase(partial);
    try {
        // In one step: in several, each commit of another process would make it begin again.
        const { totalPages } = await database.backup(partial, { progress: () => ALL_PAGES });
        const bytes = totalPages * Number(database.pragma('page_size', { simple: true }));
        refuseUnsound(partial, file);
        renameSync(partial, file);
        syncFolder(dirname(file));
        return { bytes };
    } catch (error) {
        removeDatabase(partial);
        throw databaseError(error, file);
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

/** A rename is safe from a power loss when its folder is written. */
function syncFolder(folder: string): void {
    const opened = openSync(folder, 'r');
    try {
        fsyncSync(opened);
    } finally {
        closeSync(opened);
    }
}
