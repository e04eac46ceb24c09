import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { EltError } from '../core/errors.ts';
import { countChange } from './change-count.ts';
import { BUSY_TIMEOUT_MS, databaseError } from './database-error.ts';

export type Database = Sqlite.Database;
export type Statement = Sqlite.Statement;

/** `elt1` in ASCII: marks the file as ours, also for SQLite's tools. */
const APPLICATION_ID = 0x656c7431;

/** Format of the control tables that this version writes; a file with a higher one is from a newer elt. */
const FORMAT_VERSION = 1;

const PAGE_BYTES = 8_192;

/** SQLite's page cache in KiB. */
export const CacheKib = {
    /** Rows are appended: a full page is not read again, and is better written while the next ones are filled. */
    landing: 2_048,
    /** A larger one makes no fill faster, because the system's file cache is fast enough. */
    usual: 12_288,
    /** Room for all pages that 1,000 changes touch in indexes of random keys: pages that do not fit are written twice. */
    incremental: 32_768,
    /** For the data tests of current tables in a first run, where a sort needs the same amount again. */
    sorting: 8_192,
    /** While an index is created, which is a sort: its runs stay in the processor's cache. */
    indexing: 3_072,
    /** For the data tests of marts, which search at random; the sorts' memory is free by then. */
    searching: 20_480,
} as const;
type CacheKib = (typeof CacheKib)[keyof typeof CacheKib];

/** What the usual cache holds. */
const CACHE_PAGES = (CacheKib.usual * 1_024) / PAGE_BYTES;

export interface OpenOptions {
    /** Create the file if there is none. */
    readonly create?: boolean;
    readonly readonly?: boolean;
    /** How long to wait for a lock (default `BUSY_TIMEOUT_MS`). */
    readonly busyTimeoutMs?: number;
}

/**
 * Opens the database of a pipeline and refuses what is not one: a folder, another program's file, a newer elt's.
 *
 * Durability: `synchronous=EXTRA` always. With NORMAL a power loss undoes acknowledged commits in SQLite WAL mode; with
 * FULL it undoes the last one under a rollback journal, whose removal is not synced.
 * A file that can be written is in SQLite WAL mode, where a commit waits for the disk once instead of five times; a first
 * load and a first fill of many changes keep a rollback journal meanwhile (`useRollbackJournal`).
 */
export function openDatabase(file: string, options: OpenOptions = {}): Database {
    refuseWrongPath(file, options);
    let database: Database | undefined;
    try {
        // A connection that can write removes the SQLite WAL files when it is the last to close; a readonly one cannot.
        const isReadonly = options.readonly === true;
        database = new Sqlite(file, {
            readonly: isReadonly && !isWritable(file),
            fileMustExist: options.create !== true,
            timeout: options.busyTimeoutMs ?? BUSY_TIMEOUT_MS,
        });
        claim(database, file, options);
        database.pragma(`query_only = ${isReadonly ? 'ON' : 'OFF'}`);
        database.pragma('synchronous = EXTRA');
        database.pragma('foreign_keys = OFF');
        // A sort of a whole table belongs on the disk: in memory it would grow with the history, without being faster.
        database.pragma('temp_store = FILE');
        useCache(database, CacheKib.usual);
        return database;
    } catch (error) {
        database?.close();
        throw databaseError(error, file, options.busyTimeoutMs);
    }
}

export function useCache(database: Database, kib: CacheKib): void {
    database.pragma(`cache_size = -${kib}`);
}

/**
 * For a transaction that has written much and now searches: writes dirty pages to the file, as a commit would.
 * Otherwise they occupy up to nine tenths of the cache, and searches get the rest. SQLite writes a page when it needs
 * its room, so the cache is made small and twice as many pages are read. A small file has room beside them.
 */
export function turnToSearching(database: Database, kib: CacheKib): void {
    if (isLargeFile(database)) {
        database.pragma('cache_size = 10');
        database.prepare('select count(*) from (select 1 from dbstat limit ?)').get(2 * CACHE_PAGES);
    }
    useCache(database, kib);
}

/** Larger than half a cache: pages of it come and go. */
export function isLargeFile(database: Database): boolean {
    return (database.pragma('page_count', { simple: true }) as number) >= CACHE_PAGES / 2;
}

/** From now on readers and the writer do not wait for each other. */
export function useSqliteWal(database: Database): void {
    try {
        if (database.pragma('journal_mode', { simple: true }) !== 'wal') {
            database.pragma('journal_mode = WAL');
        }
    } catch {
        // A reader holds the file, so it keeps the rollback journal until the next command.
    }
}

/**
 * For a transaction that writes most of a file that nobody reads yet: in SQLite WAL mode each of its pages would be written
 * twice and read back. Only where no other connection holds the file.
 */
export function useRollbackJournal(database: Database): void {
    const before = busyTimeoutOf(database);
    database.pragma('busy_timeout = 0');
    try {
        database.pragma('journal_mode = DELETE');
    } catch {
        // Another connection holds the file.
    } finally {
        database.pragma(`busy_timeout = ${before}`);
    }
}

/** Closes the file, after moving the SQLite WAL's contents into it as far as readers allow. */
export function closeDatabase(database: Database): void {
    if (!database.open) {
        return;
    }
    database.close();
}

/** How long a connection waits for a lock. */
function busyTimeoutOf(database: Database): number {
    return database.pragma('busy_timeout', { simple: true }) as number;
}

/** Runs `work` in one write transaction; a second writer waits as long as its connection does. */
export function inTransaction<T>(database: Database, work: () => T): T {
    begin(database);
    try {
        const result = work();
        commit(database);
        return result;
    } catch (error) {
        rollback(database);
        throw databaseError(error, database.name, busyTimeoutOf(database));
    }
}

/** Runs `work` inside the caller's transaction, and undoes it alone if it fails. */
export function inSavepoint<T>(database: Database, work: () => T): T {
    database.exec('savepoint work');
    try {
        const result = work();
        database.exec('release work');
        return result;
    } catch (error) {
        // On a full or failing disk SQLite has rolled back everything itself.
        if (database.inTransaction) {
            database.exec('rollback to work; release work');
            countChange(database);
        }
        throw databaseError(error, database.name, busyTimeoutOf(database));
    }
}

export function begin(database: Database): void {
    try {
        database.exec('begin immediate');
    } catch (error) {
        throw databaseError(error, database.name, busyTimeoutOf(database));
    }
}

export function commit(database: Database): void {
    try {
        database.exec('commit');
    } catch (error) {
        throw databaseError(error, database.name, busyTimeoutOf(database));
    }
}

export function rollback(database: Database): void {
    if (database.inTransaction) {
        database.exec('rollback');
        countChange(database);
    }
}

/** Changes when another connection has committed. Source: https://www.sqlite.org/pragma.html#pragma_data_version */
export function othersVersion(database: Database): number {
    return database.pragma('data_version', { simple: true }) as number;
}

/** Whether the file holds our control tables. */
export function isMigrated(database: Database): boolean {
    return database.prepare("select 1 from sqlite_schema where name = 'elt_stream'").get() !== undefined;
}

function isWritable(file: string): boolean {
    try {
        accessSync(file, constants.W_OK);
        accessSync(dirname(file), constants.W_OK);
        return true;
    } catch {
        return false;
    }
}

function refuseWrongPath(file: string, options: OpenOptions): void {
    if (existsSync(file)) {
        if (statSync(file).isDirectory()) {
            throw new EltError({
                code: 'DATABASE_REFUSED',
                message: `"${file}" cannot be opened as a database`,
                found: 'a folder; expected a file',
                state: 'nothing was changed',
                next: 'name a file with --db',
            });
        }
    } else if (options.create !== true) {
        throw new EltError({
            code: 'DATABASE_MISSING',
            message: `there is no database "${file}"`,
            state: 'nothing was created',
            next: 'create it with "elt migrate", or name another file with --db',
        });
    }
}

/** Marks a new file as ours; refuses a file of another program or of a newer elt. */
function claim(database: Database, file: string, options: OpenOptions): void {
    const id = database.pragma('application_id', { simple: true });
    const version = Number(database.pragma('user_version', { simple: true }));
    if (id === APPLICATION_ID) {
        if (version > FORMAT_VERSION) {
            throw new EltError({
                code: 'DATABASE_NEWER',
                message: `"${file}" was written by a newer elt`,
                found: `format ${version}; this elt writes format ${FORMAT_VERSION}`,
                state: 'nothing was changed',
                next: 'use that newer elt, or another file with --db',
            });
        }
        return;
    }
    const objects = Number(database.prepare('select count(*) from sqlite_schema').pluck().get());
    if (id !== 0 || objects > 0) {
        throw new EltError({
            code: 'DATABASE_FOREIGN',
            message: `"${file}" is the database of another program`,
            found: `application_id ${id}, ${objects} schema objects; expected a file of elt`,
            state: 'nothing was changed',
            next: 'name another file with --db',
        });
    }
    if (options.readonly === true) {
        return;
    }
    database.pragma(`page_size = ${PAGE_BYTES}`);
    database.pragma('auto_vacuum = NONE');
    useSqliteWal(database);
    database.pragma(`application_id = ${APPLICATION_ID}`);
    database.pragma(`user_version = ${FORMAT_VERSION}`);
}
