/**
 * The protocol between the server and a reader, over the reader's standard input and output: frames with a length
 * prefix. A job is JSON; an answer is the bodies of its results, which the server sends unchanged, followed by a head
 * in JSON that describes them.
 */

/** A value to bind: JSON has no 64-bit integers, so they are sent as text. */
export type JobValue = string | null | { readonly integer: string } | { readonly real: number };

/** How the rows of a query are written: `table` is `{"columns":[…],"rows":[[…]]}`, for the pages of dashboards. */
export type BodyFormat = 'json' | 'ndjson' | 'csv' | 'table';

/** One page of an answer. */
export interface JobPage {
    /** Columns that order the answer and identify its rows. */
    readonly columns: readonly string[];
    readonly limit: number;
    /** Their values in the last row of the previous page. */
    readonly after: readonly JobValue[] | null;
}

/** One SELECT of a job. */
export interface JobQuery {
    /** Without its final semicolon. */
    readonly sql: string;
    readonly values: Readonly<Record<string, JobValue>>;
    readonly format: BodyFormat;
    /** Columns whose timestamps are truncated to seconds. */
    readonly cutToSeconds: readonly string[];
    readonly page: JobPage | null;
    /** Tables of elt itself that it may read. */
    readonly reads: readonly string[];
}

/** Queries that a reader runs in one transaction: all of them see the same state of the database. */
export interface Job {
    readonly database: string;
    /** If it differs from the previous job's, the file is opened again. */
    readonly generation: number;
    readonly queries: readonly JobQuery[];
    readonly rowsMax: number;
    readonly bytesMax: number;
}

/** Why SQLite, or the reader itself, refused a query. */
export interface QueryFailure {
    /** SQLite's result code, or one of the reader's own. */
    readonly code: string;
    readonly message: string;
}

/** The result of one query; its body precedes the head of the answer. */
export type QueryResult =
    | {
          readonly columns: readonly string[];
          readonly rows: number;
          readonly bytes: number;
          /** The place where the next page begins; null: there is none. */
          readonly next: readonly JobValue[] | null;
      }
    | { readonly failure: QueryFailure };

/** The head of an answer: a result for each query, or why none could be run. */
export type AnswerHead =
    | { readonly results: readonly QueryResult[]; readonly milliseconds: number }
    | { readonly failure: QueryFailure; readonly milliseconds: number };

/** What a stream of rows begins with: nothing, or why there are none. */
export interface StreamHead {
    /** The database cannot be opened. */
    readonly database?: QueryFailure;
    readonly failure?: QueryFailure;
}

/** Failures that a reader reports in addition to SQLite's. */
export const READER_FAILURES = {
    tooManyRows: 'READER_ROWS',
    tooManyBytes: 'READER_BYTES',
    notASelect: 'READER_NOT_A_SELECT',
    pageColumn: 'READER_PAGE_COLUMN',
    columnTwice: 'READER_COLUMN_TWICE',
    unnamed: 'READER_UNNAMED',
    memory: 'READER_MEMORY',
    /** Reported by the server itself: too many answers are being sent to slow clients. */
    noRoom: 'READER_NO_ROOM',
} as const;

/** Written by a reader when it has started, before its first answer. */
export const READY: AnswerHead = { results: [], milliseconds: 0 };

/**
 * Resident memory at which a reader ends itself, by this signal. It starts with 64 MB, two thirds of which all readers
 * share; an answer of 16 MiB needs 100 MB for a moment. SQLite's own limits are not available: the driver has no call
 * for them, and is built without the accounting that its pragmas need.
 */
export const READER_RESIDENT_BYTES_MAX = 224e6;
export const MEMORY_SIGNAL = 'SIGUSR2';

/** Length of a job's prefix, which is the length of the job. */
export const JOB_PREFIX_BYTES = 4;

/** Length of an answer's prefix: the length of all its bodies together, and that of the head after them. */
export const ANSWER_PREFIX_BYTES = 8;

export function encodeJob(job: Job): Buffer {
    const text = JSON.stringify(job);
    const length = Buffer.byteLength(text);
    const frame = Buffer.allocUnsafe(JOB_PREFIX_BYTES + length);
    frame.writeUInt32LE(length, 0);
    frame.write(text, JOB_PREFIX_BYTES);
    return frame;
}

export function bindable(value: JobValue): string | bigint | number | null {
    if (value === null || typeof value === 'string') {
        return value;
    }
    return 'integer' in value ? BigInt(value.integer) : value.real;
}

/** The reverse: a value from SQLite, as it can be sent. */
export function jobValue(value: unknown): JobValue {
    if (typeof value === 'bigint') {
        return { integer: String(value) };
    }
    return typeof value === 'number' ? { real: value } : typeof value === 'string' ? value : null;
}
