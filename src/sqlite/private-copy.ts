import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { ALL_PAGES } from './backup.ts';
import { type Database, openDatabase } from './database.ts';
import { databaseError } from './database-error.ts';

/** A copy of a database that nobody else sees. */
export interface PrivateCopy {
    readonly database: Database;
    /** Gives its room back; so does the end of the process, however it ends. */
    readonly close: () => void;
}

/**
 * Copies the last committed state of a database while others read and write it. The copy's files have no names once they
 * are open, so that nothing is left of them even if the process is killed; where the system does not allow that, `close`
 * removes them.
 */
export async function privateCopy(file: string): Promise<PrivateCopy> {
    const folder = mkdtempSync(join(tmpdir(), 'elt-copy-'));
    const path = join(folder, 'copy.db');
    let database: Database | undefined;
    try {
        const source = openDatabase(file, { readonly: true });
        try {
            // In one step: with several, each commit of another process would restart it.
            await source.backup(path, { progress: () => ALL_PAGES });
        } finally {
            source.close();
        }
        database = new Sqlite(path);
        database.pragma('journal_mode = WAL');
        database.pragma('synchronous = OFF');
        database.pragma('foreign_keys = OFF');
        // It has to have opened all its files before the names go.
        database.exec('begin; create table elt_opened (a); rollback');
        const removed = tryRemove(folder);
        return { database, close: () => end(database as Database, removed ? undefined : folder) };
    } catch (error) {
        database?.close();
        tryRemove(folder);
        throw databaseError(error, file);
    }
}

function end(database: Database, folder: string | undefined): void {
    database.close();
    if (folder !== undefined) {
        tryRemove(folder);
    }
}

/** Windows keeps the names of open files. */
function tryRemove(folder: string): boolean {
    try {
        rmSync(folder, { recursive: true, force: true });
        return true;
    } catch {
        return false;
    }
}
