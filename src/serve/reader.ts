import { readSync, writeSync } from 'node:fs';
import { closeDatabase, type Database, openDatabase } from '../store/database.ts';
import { sqliteCode } from '../store/database-error.ts';
import { type AnswerHead, encodeAnswerHead, JOB_PREFIX_BYTES, type Job } from './reader-protocol.ts';
import { type QueryAnswer, runQuery, StatementCache } from './run-query.ts';

/**
 * The program of a reader: a process that holds read-only connections and does one job after the other, blocking on
 * each. The server kills it when a job takes too long, which is why it is a process: a running query cannot be
 * interrupted from within. It owns nothing that a kill could damage. It ends when its standard input does.
 */

/** A reader waits this long where a first load has the file to itself. */
const BUSY_TIMEOUT_MS = 2_000;

interface OpenFile {
    readonly generation: number;
    readonly database: Database;
    readonly statements: StatementCache;
    schemaVersion: unknown;
}

const open = new Map<string, OpenFile>();

// Ctrl-C reaches every process of the terminal: the server says when a reader ends.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('SIGHUP', () => undefined);

for (;;) {
    const prefix = readExactly(JOB_PREFIX_BYTES);
    const text = prefix === null ? null : readExactly(prefix.readUInt32LE(0));
    if (text === null) {
        break;
    }
    reply(JSON.parse(text.toString('utf8')) as Job);
}
for (const { database } of open.values()) {
    closeDatabase(database);
}
process.exit(0);

function reply(job: Job): void {
    let head: AnswerHead;
    let answers: readonly QueryAnswer[] = [];
    try {
        answers = run(job);
        head = { results: answers.map(({ result }) => result) };
    } catch (error) {
        head = { failure: { code: codeOf(error), message: error instanceof Error ? error.message : String(error) } };
    }
    const bodies = answers.flatMap(({ body }) => body);
    const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
    const first = encodeAnswerHead(head, bytes);
    // One write for what fits: the server wakes up once.
    if (bytes <= 65_536) {
        write(Buffer.concat([first, ...bodies]));
        return;
    }
    write(first);
    bodies.forEach(write);
}

/** All queries in one transaction: they see one state of the database. */
function run(job: Job): readonly QueryAnswer[] {
    const file = fileOf(job);
    file.database.exec('begin');
    try {
        const version = file.database.pragma('schema_version', { simple: true });
        if (version !== file.schemaVersion) {
            // A statement prepared before would still name the columns of that time.
            file.statements.clear();
            file.schemaVersion = version;
        }
        return job.queries.map((query) => runQuery((sql) => file.statements.prepare(sql), query, job));
    } finally {
        file.database.exec('commit');
    }
}

function fileOf({ database: path, generation }: Job): OpenFile {
    const known = open.get(path);
    if (known?.generation === generation) {
        return known;
    }
    if (known !== undefined) {
        open.delete(path);
        closeDatabase(known.database);
    }
    const database = openDatabase(path, { readonly: true, busyTimeoutMs: BUSY_TIMEOUT_MS });
    const file = { generation, database, statements: new StatementCache(database), schemaVersion: null };
    open.set(path, file);
    return file;
}

/** The code of `elt` (`DATABASE_MISSING`) or of SQLite (`SQLITE_BUSY`). */
function codeOf(error: unknown): string {
    const code = sqliteCode(error);
    const own = (error as { readonly code?: unknown } | null)?.code;
    return code !== '' ? code : typeof own === 'string' ? own : 'READER_ERROR';
}

/** The next bytes of standard input, which blocks; null at its end. */
function readExactly(length: number): Buffer | null {
    const buffer = Buffer.allocUnsafe(length);
    for (let filled = 0; filled < length; ) {
        const read = readSync(0, buffer, filled, length - filled, null);
        if (read === 0) {
            return null;
        }
        filled += read;
    }
    return buffer;
}

function write(buffer: Buffer): void {
    for (let written = 0; written < buffer.length; ) {
        written += writeSync(1, buffer, written);
    }
}
