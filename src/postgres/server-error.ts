import { EltError, type ErrorFacts } from '../core/errors.ts';
import { nameOf, type ServerAddress } from './server-address.ts';
import { quoteIdentifier } from './server-quote.ts';

/** What is known of an error of the server or of the connection. Plain, so that a thread can hand it on. */
export interface ServerErrorFacts {
    /** An SQLSTATE, or the system's or TLS's code; empty where there is none. */
    readonly code: string;
    readonly message: string;
    readonly detail: string | null;
    readonly hint: string | null;
}

/** Codes of the system's network calls that another try may not meet; ENOENT is a unix socket that is not there. */
const NETWORK = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_AGAIN|ENOTFOUND|EADDRNOTAVAIL|ENOENT)/;
/** 08 connection, 57P01-03 shut down or starting, 53300 too many connections, 53400, 55P03 lock, 40 rollback. */
const PASSING = /^(?:08|57P0[1-5]|53|55P03|40)/;
/** The driver's words for a connection that ended, which have no code. */
const ENDED = /terminated|timeout expired|not queryable|socket hang up|has ended/i;
/** A text of the server that is none in UTF-8, or cannot be written in it. */
const NOT_UTF8 = /^(?:22021|22P05)$/;
const TLS = /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/;

/** Reads what the driver throws. */
export function serverErrorFacts(error: unknown): ServerErrorFacts {
    const raw = (error ?? {}) as {
        code?: unknown;
        message?: unknown;
        detail?: unknown;
        hint?: unknown;
        errors?: unknown[];
    };
    // A name with several addresses gives one error for each.
    if (Array.isArray(raw.errors) && raw.errors.length > 0) {
        return serverErrorFacts(raw.errors[0]);
    }
    const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
    return {
        code: text(raw.code) ?? '',
        message: text(raw.message) ?? String(error),
        detail: text(raw.detail),
        hint: text(raw.hint),
    };
}

/** Whether the same may succeed in a while: a restart, a network that is down, a server that is full. */
export function isPassing({ code, message }: ServerErrorFacts): boolean {
    return NETWORK.test(code) || (PASSING.test(code) && code !== '08P01') || (code === '' && ENDED.test(message));
}

/** The server has no TLS, or none that was agreed on. */
export function isOfTls({ code, message }: ServerErrorFacts): boolean {
    return TLS.test(code) || /SSL/.test(message);
}

/** The error of `elt` for one of the server; whatever is one already stays. */
export function serverError(error: unknown, address: ServerAddress, doing: string): EltError {
    if (error instanceof EltError) {
        return error;
    }
    const facts = serverErrorFacts(error);
    const { code, message, detail, hint } = facts;
    const cause = [code === '' ? message : `${code}: ${message}`, detail, hint]
        .filter((one) => one !== null)
        .join('\n');
    const meaning = meaningOf(facts, address);
    return new EltError({
        ...meaning,
        message: meaning.message ?? `the server refused to ${doing}`,
        where: meaning.where ?? `${nameOf(address)}, as "${address.user}"`,
        cause,
    } as ErrorFacts);
}

function meaningOf(facts: ServerErrorFacts, address: ServerAddress): Partial<ErrorFacts> & Pick<ErrorFacts, 'code'> {
    const { code, message } = facts;
    if (isOfTls(facts)) {
        return {
            code: 'SOURCE_REFUSED',
            message: 'no safe connection to the server could be made',
            found: `sslmode ${address.sslMode}`,
            next: 'check sslmode and sslrootcert; with verify-full the host must be the one that the certificate names',
        };
    }
    if (isPassing(facts)) {
        return {
            code: 'SOURCE_UNREACHABLE',
            message: 'the server cannot be reached',
            next: 'check that it runs, the host and the port; then run the same command again',
        };
    }
    if (code === '3D000') {
        return {
            code: 'SOURCE_REFUSED',
            message: `the server has no database "${address.database}"`,
            next: `correct the name of the database, or create it: createdb ${address.database}`,
        };
    }
    if (/^28/.test(code) || /password|SASL/i.test(message)) {
        return {
            code: 'SOURCE_REFUSED',
            message: `the server does not let "${address.user}" into "${address.database}"`,
            found: address.password === null ? 'no password: none in the address, PGPASSWORD or .pgpass' : undefined,
            next: "check the user, the database, the password and the server's pg_hba.conf",
        };
    }
    if ((code === '42601' && /IDENTIFY_SYSTEM|_REPLICATION/.test(message)) || code === '08P01') {
        return {
            code: 'SOURCE_UNFIT',
            message: 'what answers does not speak the replication protocol',
            found: 'a connection pooler, perhaps: it knows no replication commands',
            next: 'connect to PostgreSQL directly, not through a pooler (PgBouncer, Supavisor, RDS Proxy)',
        };
    }
    if (code === '42501' && /walsender|REPLICATION/i.test(message)) {
        return {
            code: 'SOURCE_UNFIT',
            message: `the user "${address.user}" may not replicate`,
            found: 'it can neither create a slot nor read one; on a managed service, grant its replication role (rds_replication)',
            state: 'nothing was changed in the server; what has landed is committed and stays as it is',
            next: `let a role that may run: alter role ${quoteIdentifier(address.user)} replication;`,
        };
    }
    if (NOT_UTF8.test(code)) {
        return {
            code: 'SOURCE_NOT_UTF8',
            message: 'the server holds a text that is no UTF-8, and sends nothing of what comes after it',
            found: message,
            next: 'correct it there (docs/errors.md has the SQL); if the stream has come upon it, then take all tables again with "elt source resnapshot --all"',
        };
    }
    if (code === '42501') {
        return {
            code: 'SOURCE_UNFIT',
            found: `the rights of "${address.user}" do not suffice`,
            next: 'see "elt source check" for the SQL that its owner runs',
        };
    }
    return { code: 'SOURCE_UNREADABLE', next: 'see "elt source check"' };
}
