import { endWithParent } from '../../process/end-with-parent.ts';
import { END_SIGNALS } from '../../process/signals.ts';
import { closeDatabase, type Database, type Statement } from '../../sqlite/database.ts';
import { OutputBuffer, type OutputPlace } from './output-buffer.ts';
import {
    type AnswerHead,
    JOB_PREFIX_BYTES,
    type Job,
    MEMORY_SIGNAL,
    type QueryResult,
    READER_RESIDENT_BYTES_MAX,
    READY,
} from './reader-wire.ts';
import { openForReading } from './reading-connection.ts';
import { codeOf, runQuery, StatementCache } from './run-query.ts';
import { writeAll } from './write-all.ts';

/**
 * The program of a reader: a process with read-only connections that runs one job after the other, blocked meanwhile.
 * The server kills it when a job takes too long. That is why it is a process: a running query cannot be interrupted
 * from within. It owns nothing that a kill could damage. It ends when its standard input does.
 */

/** Answers are written together, up to this many bytes and this much time. */
const TOGETHER_BYTES = 65_536;
const TOGETHER_MS = 2;

interface OpenFile {
    readonly generation: number;
    readonly database: Database;
    readonly statements: StatementCache;
    readonly begin: Statement;
    readonly commit: Statement;
    readonly version: Statement;
    schemaVersion: unknown;
}

const open = new Map<string, OpenFile>();

// Ctrl-C reaches every process of the terminal, but the server decides when a reader ends.
for (const signal of END_SIGNALS) {
    process.on(signal, () => undefined);
}

const out = new OutputBuffer();
let unread: Buffer = Buffer.alloc(0);
process.stdin.on('data', (chunk: Buffer) => {
    unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk]);
    let since = performance.now();
    working(true);
    while (unread.length >= JOB_PREFIX_BYTES && unread.length >= JOB_PREFIX_BYTES + unread.readUInt32LE(0)) {
        const end = JOB_PREFIX_BYTES + unread.readUInt32LE(0);
        reply(JSON.parse(unread.toString('utf8', JOB_PREFIX_BYTES, end)) as Job);
        unread = unread.subarray(end);
        // Answers to jobs that arrived together are written together, but none waits for a slow one.
        if (out.length > TOGETHER_BYTES || performance.now() - since > TOGETHER_MS) {
            flush();
            since = performance.now();
        }
    }
    flush();
    working(false);
});
process.stdin.on('close', () => {
    for (const { database } of open.values()) {
        closeDatabase(database);
    }
    process.exit(0);
});

const working = endWithParent({ residentBytesMax: READER_RESIDENT_BYTES_MAX, signal: MEMORY_SIGNAL });
writeAnswer(() => READY);
flush();

function reply(job: Job): void {
    const started = performance.now();
    writeAnswer((start) => {
        try {
            return { results: run(job), milliseconds: performance.now() - started };
        } catch (error) {
            out.rewind(start);
            const message = error instanceof Error ? error.message : String(error);
            return { failure: { code: codeOf(error), message }, milliseconds: performance.now() - started };
        }
    });
}

/** Writes an answer: the bodies that `work` writes, and the head that it returns. */
function writeAnswer(work: (start: OutputPlace) => AnswerHead): void {
    const setLengths = out.reserveTwo();
    const start = out.place();
    const head = JSON.stringify(work(start));
    const headAt = out.length;
    out.write(head);
    setLengths(headAt - start.length, out.length - headAt);
}

function flush(): void {
    for (const bytes of out.pieces()) {
        writeAll(bytes);
    }
    out.clear();
}

/** Runs all queries in one transaction: they see one state of the database. */
function run(job: Job): readonly QueryResult[] {
    const file = fileOf(job);
    file.begin.run();
    try {
        const version = file.version.get();
        if (version !== file.schemaVersion) {
            // A statement prepared before the change would still have the old columns.
            file.statements.clear();
            file.schemaVersion = version;
        }
        return job.queries.map((query) =>
            runQuery((sql) => file.statements.prepare(sql, query.reads), query, job, out),
        );
    } finally {
        file.commit.run();
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
    const database = openForReading(path);
    const file = {
        generation,
        database,
        statements: new StatementCache(database),
        begin: database.prepare('begin'),
        commit: database.prepare('commit'),
        version: database.prepare('pragma schema_version').pluck(),
        schemaVersion: null,
    };
    open.set(path, file);
    return file;
}
