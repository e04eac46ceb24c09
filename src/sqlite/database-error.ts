import { dirname } from 'node:path';
import { durationText } from '../core/duration.ts';
import { EltError, type ErrorFacts } from '../core/errors.ts';

/** How long a writer waits for another one, unless it was asked for otherwise. */
export const BUSY_TIMEOUT_MS = 5_000;

/** What SQLite's result codes mean for the reader. Source: https://www.sqlite.org/rescode.html */
const MEANINGS: readonly { readonly code: RegExp; readonly facts: (file: string, waitedMs: number) => ErrorFacts }[] = [
    {
        code: /^SQLITE_(BUSY|LOCKED)/,
        facts: (file, waitedMs) => ({
            code: 'DATABASE_LOCKED',
            message: `"${file}" is locked by another process`,
            found: `its write lock was not free within ${durationText(waitedMs)}`,
            state: 'nothing was changed by this step; running the same command again is safe',
            next: `end the other writer (an open "begin" in a sqlite3 shell holds the lock too), then run again`,
        }),
    },
    {
        code: /^SQLITE_FULL/,
        facts: (file) => ({
            code: 'DATABASE_FULL',
            message: `"${file}" cannot grow: the disk is full`,
            state: 'what was committed before is safe; the same command resumes there',
            next: 'free some space, then run the same command again',
        }),
    },
    {
        // Of a reader too: what it reads together with writers is in files that SQLite keeps there.
        code: /^SQLITE_READONLY_(DIRECTORY|CANTINIT)/,
        facts: (file) => ({
            code: 'DATABASE_REFUSED',
            message: `"${file}" cannot be opened: its folder cannot be written`,
            found: 'SQLite keeps files beside the database (-wal, -shm), also for those who only read',
            state: 'nothing was changed',
            next: `let the user of this process write in "${dirname(file)}"`,
        }),
    },
    {
        code: /^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)/,
        facts: (file) => ({
            code: 'DATABASE_REFUSED',
            message: `"${file}" cannot be written`,
            state: 'nothing was changed',
            next: 'check the permissions of the file and of its folder (SQLite writes files beside it)',
        }),
    },
    {
        code: /^SQLITE_(CORRUPT|NOTADB|FORMAT)/,
        facts: (file) => ({
            code: 'DATABASE_DAMAGED',
            message: `"${file}" is not a readable SQLite database`,
            state: 'nothing was changed',
            next: 'restore a backup, or load the sources into a new file',
        }),
    },
    {
        code: /^SQLITE_(IOERR|NOLFS)/,
        facts: (file) => ({
            code: 'DATABASE_IO',
            message: `the disk refused to read or write "${file}"`,
            state: 'what was committed before is safe; the same command resumes there',
            next: 'check the disk, then run the same command again',
        }),
    },
];

/**
 * The error of `elt` for a lower error that occurred while the database `file` was used. `waitedMs`: how long its connection
 * waits for a lock.
 */
export function databaseError(error: unknown, file: string, waitedMs = BUSY_TIMEOUT_MS): unknown {
    if (error instanceof EltError) {
        return error;
    }
    const code = sqliteCode(error);
    const meaning = MEANINGS.find((candidate) => candidate.code.test(code));
    if (meaning !== undefined) {
        return new EltError({ ...meaning.facts(file, waitedMs), cause: `${code}: ${messageOf(error)}` });
    }
    if (error instanceof TypeError && /directory does not exist/.test(error.message)) {
        return new EltError({
            code: 'DATABASE_REFUSED',
            message: `"${file}" cannot be created`,
            found: 'its folder does not exist',
            state: 'nothing was created',
            next: 'create the folder, or name another file with --db',
            cause: error,
        });
    }
    return error;
}

/** SQLite's codes for the system's. All other system codes are failures of the disk. */
const AS_SQLITE: Readonly<Record<string, string>> = {
    ENOSPC: 'SQLITE_FULL',
    EDQUOT: 'SQLITE_FULL',
    EACCES: 'SQLITE_CANTOPEN',
    EPERM: 'SQLITE_CANTOPEN',
    EROFS: 'SQLITE_CANTOPEN',
    EISDIR: 'SQLITE_CANTOPEN',
    EEXIST: 'SQLITE_CANTOPEN',
    ELOOP: 'SQLITE_CANTOPEN',
};

/** The error of `elt` for a system error on a file next to the database that `elt` itself writes. */
export function partFileError(error: unknown, file: string): EltError {
    const code = AS_SQLITE[(error as { readonly code?: string }).code ?? ''] ?? 'SQLITE_IOERR';
    const { facts } = MEANINGS.find((candidate) => candidate.code.test(code)) as (typeof MEANINGS)[number];
    return new EltError({ ...facts(file, BUSY_TIMEOUT_MS), cause: messageOf(error) });
}

/** SQLite's result code of a driver error, e.g. `SQLITE_BUSY`; empty for any other error. */
export function sqliteCode(error: unknown): string {
    const code = (error as { readonly code?: unknown } | null)?.code;
    return typeof code === 'string' && code.startsWith('SQLITE_') ? code : '';
}

function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
