import { ERROR_CODES } from '../../core/error-codes.ts';
import { EltError } from '../../core/errors.ts';

/** Errors that exist only over HTTP, with their status. `docs/serve.md` lists them; a test compares the two. */
export const HTTP_ERRORS = {
    REQUEST_WRONG: {
        status: 400,
        cause: 'The path or the query string cannot be decoded, or has a parameter twice; or a header breaks a rule of HTTP.',
    },
    PARAMETER_MISSING: { status: 400, cause: 'A required parameter was not given.' },
    PARAMETER_UNKNOWN: { status: 400, cause: 'The question has no parameter of that name.' },
    PARAMETER_WRONG: { status: 400, cause: 'A value is not of its type, or out of its range.' },
    TOKEN_WRONG: { status: 401, cause: 'The server requires a token, and the request has none or another one.' },
    NOT_FOUND: { status: 404, cause: 'No such route, or no such row in the data.' },
    METHOD_WRONG: { status: 405, cause: 'Only GET, HEAD and OPTIONS are allowed.' },
    FORMAT_UNKNOWN: { status: 406, cause: 'None of the formats in `Accept` is available.' },
    ANSWER_TOO_LARGE: {
        status: 413,
        cause: 'The answer has more rows or bytes than the server sends at once; CSV and NDJSON have no limit.',
    },
    REQUEST_TOO_LARGE: { status: 414, cause: 'The address is longer than 8,000 bytes.' },
    HEADERS_TOO_LARGE: { status: 431, cause: 'Address and headers together are larger than 16 KiB.' },
    HOST_WRONG: { status: 421, cause: 'The header `Host` names a host for which the server does not answer.' },
    REQUEST_TIMEOUT: { status: 408, cause: 'The request did not arrive in time.' },
    MEMORY_LIMIT: { status: 500, cause: 'The query needs more memory than a reader may have.' },
    READER_FAILED: { status: 500, cause: 'The process that ran the query ended unexpectedly, twice.' },
    MART_NOT_FILLED: {
        status: 503,
        cause: 'The answer reads a mart that no run has filled since its table was created, and that was not pulled from a lake.',
    },
    SERVER_BUSY: { status: 503, cause: 'No reader was free in time; `Retry-After` says when to retry.' },
    TIME_LIMIT: { status: 504, cause: 'The query took longer than `--timeout-ms` and was ended.' },
} as const satisfies Record<string, { readonly status: number; readonly cause: string }>;

type HttpErrorCode = keyof typeof HTTP_ERRORS;

/** The body of an error: one sentence, a stable code, and more facts. Never contains a path of the machine. */
interface ErrorBody {
    readonly error: string;
    readonly code: string;
    readonly where?: string | undefined;
    readonly found?: string | undefined;
    readonly next?: string | undefined;
}

/** The same in the words of RFC 9457, beside ours; `type` is a place on the server's own page `/docs`. */
interface Problem extends ErrorBody {
    readonly type: string;
    /** The same for every error of the code. */
    readonly title: string;
    readonly status: number;
    readonly detail: string;
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** The error of a request. */
export class HttpError extends Error {
    readonly status: number;
    readonly body: ErrorBody;

    constructor(code: HttpErrorCode, error: string, more: Partial<ErrorBody> = {}) {
        super(error);
        this.status = HTTP_ERRORS[code].status;
        this.body = { error, code, ...more };
    }
}

/** An address that leads nowhere: JSON for programs, for people a page that says what is served. */
export class NoSuchPage extends HttpError {
    /** What was asked for: `pipeline “nope”`. */
    readonly asked: string;

    constructor(kind: 'page' | 'pipeline', name: string, error: string, more: Partial<ErrorBody> = {}) {
        super('NOT_FOUND', error, more);
        this.asked = `${kind} “${name.slice(0, 100)}”`;
    }
}

/** Status and body for anything that was thrown; an internal error reveals no details. */
export function errorAnswer(error: unknown, pipeline?: string): { readonly status: number; readonly body: ErrorBody } {
    if (error instanceof HttpError) {
        return { status: error.status, body: error.body };
    }
    if (error instanceof EltError && error.code !== 'BUG') {
        const { code, message, where, found, next } = error.facts;
        if (code.startsWith('DATABASE_')) {
            return { status: 503, body: { error: databaseSentence(code, pipeline), code } };
        }
        if (code === 'PROJECT_LINK') {
            // Its facts name paths of the machine.
            return { status: 500, body: { error: 'a symbolic link leads out of the project', code } };
        }
        return { status: 500, body: { error: message, code, where, found, next } };
    }
    return { status: 500, body: { error: 'internal error', code: 'BUG', next: 'look at the log of the server' } };
}

/** The body of an answer that is an error. Source: RFC 9457, section 3.1. */
export function problemOf(status: number, body: ErrorBody): Problem {
    return { ...body, type: `/docs#${body.code}`, title: causeOf(body.code), status, detail: body.error };
}

/** What a code means, in one sentence. */
function causeOf(code: string): string {
    const known: Readonly<Record<string, { readonly cause: string }>> = { ...ERROR_CODES, ...HTTP_ERRORS };
    return known[code]?.cause ?? code;
}

/** Errors of the database name its file; a client must not see that, so it gets this sentence. */
export function databaseSentence(code: string, pipeline: string | undefined): string {
    const whose = pipeline === undefined ? 'the database' : `the database of pipeline "${pipeline}"`;
    const what: Readonly<Record<string, string>> = {
        DATABASE_MISSING: 'does not exist yet',
        DATABASE_NOT_MIGRATED: 'has no tables yet',
        DATABASE_LOCKED: 'is locked by a first load',
        DATABASE_DAMAGED: 'is damaged',
        DATABASE_NEWER: 'was written by a newer elt',
        DATABASE_FOREIGN: 'belongs to another program',
    };
    return `${whose} ${what[code] ?? 'cannot be read'}`;
}
