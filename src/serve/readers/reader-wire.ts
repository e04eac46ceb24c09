/**
 * What the server and a reader say to each other, over the reader's standard input and output: frames with a length
 * before them. A job is JSON; an answer is the bodies of its results, which the server passes on as they are, and then
 * a head in JSON, which says what they are.
 */

/** A value to bind: JSON has no 64-bit integers, so they travel as text. */
export type JobValue = string | null | { readonly integer: string } | { readonly real: number };

/** How the rows of a query are written: `table` is `{"columns":[…],"rows":[[…]]}`, for the pages of dashboards. */
export type BodyFormat = 'json' | 'ndjson' | 'csv' | 'table';

/** One page of an answer. */
export interface JobPage {
    /** Columns that order the answer and tell its rows apart. */
    readonly columns: readonly string[];
    readonly limit: number;
    /** Their values in the last row of the page before. */
    readonly after: readonly JobValue[] | null;
}

/** One SELECT of a job. */
export interface JobQuery {
    /** Without the semicolon behind it. */
    readonly sql: string;
    readonly values: Readonly<Record<string, JobValue>>;
    readonly format: BodyFormat;
    /** Columns whose timestamps are written to the second. */
    readonly cutToSeconds: readonly string[];
    readonly page: JobPage | null;
}

/** What a reader does at once: all queries of a job see the same state of the database. */
export interface Job {
    readonly database: string;
    /** Another one than in the job before: the file is opened anew. */
    readonly generation: number;
    readonly queries: readonly JobQuery[];
    readonly rowsMax: number;
    readonly bytesMax: number;
}

/** What SQLite, or the reader itself, has against a query. */
export interface QueryFailure {
    /** SQLite's result code, or one of the reader's own. */
    readonly code: string;
    readonly message: string;
}

/** What one query gave; its body stands before the head of the answer. */
export type QueryResult =
    | {
          readonly columns: readonly string[];
          readonly rows: number;
          readonly bytes: number;
          /** Where the next page begins; null: there is none. */
          readonly next: readonly JobValue[] | null;
      }
    | { readonly failure: QueryFailure };

/** The head of an answer: a result for each query, or why none could be asked. */
export type AnswerHead =
    | { readonly results: readonly QueryResult[]; readonly milliseconds: number }
    | { readonly failure: QueryFailure; readonly milliseconds: number };

/** Failures that a reader reports beside SQLite's own. */
export const READER_FAILURES = {
    tooManyRows: 'READER_ROWS',
    tooManyBytes: 'READER_BYTES',
    notASelect: 'READER_NOT_A_SELECT',
    pageColumn: 'READER_PAGE_COLUMN',
    /** The server itself says so: too many answers are on their way to slow clients. */
    noRoom: 'READER_NO_ROOM',
} as const;

/** What a reader writes before its first answer: it has begun. */
export const READY: AnswerHead = { results: [], milliseconds: 0 };

/** Bytes before a job: its length. */
export const JOB_PREFIX_BYTES = 4;

/** Bytes before an answer: the length of all its bodies together, and of the head behind them. */
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

/** The way back: what SQLite gave, as it can travel. */
export function jobValue(value: unknown): JobValue {
    if (typeof value === 'bigint') {
        return { integer: String(value) };
    }
    return typeof value === 'number' ? { real: value } : typeof value === 'string' ? value : null;
}
