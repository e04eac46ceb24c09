import { ERROR_CODES, type ErrorCode } from './error-codes.ts';

/** The facts of an error, in the order in which they are printed. Only `code` and `message` always exist. */
export interface ErrorFacts {
    /** Stable code, e.g. `SOURCE_TRUNCATED`; its class decides the exit status. */
    readonly code: ErrorCode;
    /** One sentence: what cannot be done, names in double quotes. */
    readonly message: string;
    /** `file:line (byte n)`, LSN and xid, or `sql/…/file.sql:line`. */
    readonly where?: string | undefined;
    /** What was found and what was expected; may span lines (an excerpt with a caret). */
    readonly found?: string | undefined;
    /** What is committed, and whether running again is safe. */
    readonly state?: string | undefined;
    /** One command or one change. */
    readonly next?: string | undefined;
    /** The lower error; its own words are printed. */
    readonly cause?: unknown;
}

/** Every error that `elt` reports on purpose. Anything else that is thrown is an internal error (status 70). */
export class EltError extends Error {
    readonly facts: ErrorFacts;

    constructor(facts: ErrorFacts) {
        super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
        this.name = 'EltError';
        this.facts = facts;
    }

    get code(): ErrorCode {
        return this.facts.code;
    }

    /** The process's exit status: 2 to 7, 70 or 130, by the class of the code. */
    get exitStatus(): number {
        return ERROR_CODES[this.facts.code].status;
    }

    /** What a thread can hand on to another: of the cause its message. */
    get plainFacts(): ErrorFacts {
        const { cause, ...facts } = this.facts;
        return { ...facts, cause: cause instanceof Error ? cause.message : cause };
    }

    /** A copy with `facts` added where this error has none. */
    withMissing(facts: Partial<ErrorFacts>): EltError {
        return new EltError({ ...facts, ...definedOf(this.facts) } as ErrorFacts);
    }

    /** A copy in which `facts` replace those of this error. */
    withNew(facts: Partial<ErrorFacts>): EltError {
        return new EltError({ ...this.facts, ...facts });
    }
}

/** The up to six lines of an error for standard error; control characters from data are escaped. */
export function renderError(error: EltError): string {
    const { code, message, where, found, state, next, cause } = error.facts;
    const lines = [`error ${code}: ${message}`];
    const add = (label: string, text: string | undefined): void => {
        if (text !== undefined && text !== '') {
            lines.push(`${`  ${label}:`.padEnd(10)}${text.replaceAll('\n', '\n          ')}`);
        }
    };
    add('where', where);
    add('found', found);
    add('state', state);
    add('next', next);
    add('cause', cause instanceof Error ? cause.message : cause === undefined ? undefined : String(cause));
    return lines.map(escapeControls).join('\n');
}

/** Text that is safe on a terminal: control characters except the line feed become `\xNN`, bidirectional ones `\uNNNN`. */
export function escapeControls(text: string): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is searched for
    return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (character) => {
        const codePoint = character.charCodeAt(0);
        return codePoint < 0x100 ? `\\x${codePoint.toString(16).padStart(2, '0')}` : `\\u${codePoint.toString(16)}`;
    });
}

/** At most `charactersMax` characters of `text`, with `…` where it was cut. */
export function shorten(text: string, charactersMax = 200): string {
    return text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1)}…`;
}

function definedOf<T extends object>(facts: T): Partial<T> {
    return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Partial<T>;
}
