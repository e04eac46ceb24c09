import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { EltError } from '../core/errors.ts';
import { nearestName } from '../core/nearest-name.ts';
import { passwordFromFile } from './password-file.ts';

/** libpq's modes with libpq's meaning. Source: https://www.postgresql.org/docs/current/libpq-ssl.html */
export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** Where a PostgreSQL server is and who asks; plain data, so that a thread can have it. Never printed: see `nameOf`. */
export interface ServerAddress {
    /** A host's name or address, or the folder of a unix socket. */
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
    readonly password: string | null;
    readonly sslMode: SslMode;
    /** `system`: the certificates that Node.js trusts; null: none is named, and none lies where libpq looks. */
    readonly rootCertificate: string | null;
    readonly certificate: string | null;
    readonly key: string | null;
    readonly isDirectTls: boolean;
    readonly bindsChannel: boolean;
    readonly applicationName: string;
    readonly connectTimeoutMs: number;
    /** Settings that a person asked for, as libpq's `options`. */
    readonly options: string;
}

/** Members of a URL or a connection string, by libpq's names. */
type Parameters = Map<string, string>;

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_PORT = 5432;
const CONNECT_TIMEOUT_MS = 15_000;
const SOCKET_FOLDERS = ['/var/run/postgresql', '/tmp'];

/** libpq's parameters that are taken, each with the environment variable that stands in for it. */
const TAKEN: Readonly<Record<string, string>> = {
    host: 'PGHOST',
    port: 'PGPORT',
    user: 'PGUSER',
    password: 'PGPASSWORD',
    dbname: 'PGDATABASE',
    passfile: 'PGPASSFILE',
    sslmode: 'PGSSLMODE',
    sslrootcert: 'PGSSLROOTCERT',
    sslcert: 'PGSSLCERT',
    sslkey: 'PGSSLKEY',
    sslnegotiation: 'PGSSLNEGOTIATION',
    channel_binding: 'PGCHANNELBINDING',
    application_name: 'PGAPPNAME',
    connect_timeout: 'PGCONNECT_TIMEOUT',
    options: 'PGOPTIONS',
};

/** What changes nothing here: other clients' habits in URLs that people copy. */
const PASSED_OVER = new Set([
    'fallback_application_name',
    'gssencmode',
    'keepalives',
    'keepalives_count',
    'keepalives_idle',
    'keepalives_interval',
    'krbsrvname',
    'sslcompression',
    'sslsni',
    'target_session_attrs',
    'tcp_user_timeout',
]);

/** Whether a word of a command names a PostgreSQL server and not a file. */
export function isServerAddress(word: string): boolean {
    return /^postgres(?:ql)?:\/\//.test(word) || /^\s*(?:host|dbname|service)\s*=/.test(word);
}

/**
 * Reads `postgres://…` or `host=… dbname=…`; what it leaves out comes from `PG*` and libpq's defaults.
 * @throws EltError COMMAND_WRONG; its text holds nothing of what stands before the host.
 */
export function serverAddress(text: string | undefined, environment: Environment = process.env): ServerAddress {
    const given = text === undefined ? new Map<string, string>() : parametersOf(text.trim());
    refuseUnknown(given);
    const value = (name: string): string | undefined =>
        given.get(name) ?? (environment[TAKEN[name] ?? ''] || undefined);
    const host = value('host') ?? defaultHost();
    const user = value('user') ?? userInfo().username;
    const database = value('dbname') ?? user;
    const port = numberOf(value('port') ?? String(DEFAULT_PORT), 'port', 65_535);
    const timeout = numberOf(value('connect_timeout') ?? '0', 'connect_timeout', 100_000) * 1_000;
    const where = { host, port, user, database };
    refuseLists(host);
    return {
        ...where,
        password: value('password') ?? passwordFromFile(where, value('passfile')),
        sslMode: sslModeOf(value('sslmode')),
        rootCertificate: value('sslrootcert') ?? homeFile('root.crt'),
        certificate: value('sslcert') ?? homeFile('postgresql.crt'),
        key: value('sslkey') ?? homeFile('postgresql.key'),
        isDirectTls: value('sslnegotiation') === 'direct',
        bindsChannel: value('channel_binding') === 'require',
        applicationName: value('application_name') ?? 'elt',
        connectTimeoutMs: timeout === 0 ? CONNECT_TIMEOUT_MS : timeout,
        options: value('options') ?? '',
    };
}

/** As people and the ledger know it: without a password, and without the user. */
export function nameOf({ host, port, database }: Pick<ServerAddress, 'host' | 'port' | 'database'>): string {
    const place = host.startsWith('/') ? encodeURIComponent(host) : host.includes(':') ? `[${host}]` : host;
    return `postgres://${place}${port === DEFAULT_PORT ? '' : `:${port}`}/${encodeURIComponent(database)}`;
}

/** Whether a command line shows a password to everyone who lists processes. */
export function showsPassword(text: string): boolean {
    try {
        return parametersOf(text).has('password');
    } catch {
        return false;
    }
}

function parametersOf(text: string): Parameters {
    return /^[a-z]+:\/\//i.test(text) ? fromUrl(text) : fromConnectionString(text);
}

/** Source: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS */
function fromUrl(text: string): Parameters {
    const match = /^postgres(?:ql)?:\/\/(?:([^@/?]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(text);
    if (match === null) {
        throw wrongAddress('expected postgres://user@host:5432/database');
    }
    const [, user = '', hosts = '', database = '', query = ''] = match;
    const parameters: Parameters = new Map();
    const set = (name: string, value: string | undefined): void => {
        if (value !== undefined && value !== '') {
            parameters.set(name, decoded(value));
        }
    };
    const colon = user.indexOf(':');
    set('user', colon < 0 ? user : user.slice(0, colon));
    set('password', colon < 0 ? undefined : user.slice(colon + 1));
    const place = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(hosts);
    if (place === null && !hosts.includes(',')) {
        throw wrongAddress(`the host "${hosts}"; expected host:port`);
    }
    set('host', place === null ? hosts : place[1]?.replace(/^\[|\]$/g, ''));
    set('port', place?.[2]);
    set('dbname', database);
    for (const pair of query.split('&').filter((one) => one !== '')) {
        const equals = pair.indexOf('=');
        const name = decoded(equals < 0 ? pair : pair.slice(0, equals));
        set(name === 'ssl' ? 'sslmode' : name, equals < 0 ? '' : name === 'ssl' ? 'require' : pair.slice(equals + 1));
    }
    return parameters;
}

/** `host=… password='it''s'`: source as above, LIBPQ-CONNSTRING-KEYWORD-VALUE. */
function fromConnectionString(text: string): Parameters {
    const parameters: Parameters = new Map();
    const pair = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?:\s+|$)/gy;
    let end = 0;
    for (const match of text.matchAll(pair)) {
        parameters.set(match[1] as string, (match[2] ?? match[3] ?? '').replace(/\\(.)/g, '$1'));
        end = match.index + match[0].length;
    }
    if (end < text.length || parameters.size === 0) {
        throw wrongAddress('expected postgres://user@host:5432/database, or host=… dbname=…');
    }
    return parameters;
}

function decoded(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        throw wrongAddress('a "%" that begins no two hexadecimal digits; write "%25" for a percent sign');
    }
}

function refuseUnknown(parameters: Parameters): void {
    for (const name of parameters.keys()) {
        if (name === 'service' || name === 'servicefile') {
            throw wrongAddress(`"${name}" is not supported; give the host, the database and the user`);
        }
        if (TAKEN[name] === undefined && !PASSED_OVER.has(name)) {
            const nearest = nearestName(name, Object.keys(TAKEN));
            throw wrongAddress(
                `an unknown parameter "${name}"${nearest === undefined ? '' : `; did you mean "${nearest}"?`}`,
            );
        }
    }
}

function refuseLists(host: string): void {
    if (host.includes(',')) {
        throw wrongAddress(`several hosts, "${host}"; a slot lives on one server: name the primary`);
    }
}

function sslModeOf(text: string | undefined): SslMode {
    const mode = SSL_MODES.find((one) => one === (text ?? 'prefer'));
    if (mode === undefined) {
        throw wrongAddress(`the sslmode "${text}"; expected one of ${SSL_MODES.join(', ')}`);
    }
    return mode;
}

function numberOf(text: string, name: string, most: number): number {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number > most) {
        throw wrongAddress(`the ${name} "${text}"; expected a number up to ${most}`);
    }
    return number;
}

function defaultHost(): string {
    return SOCKET_FOLDERS.find((folder) => existsSync(join(folder, `.s.PGSQL.${DEFAULT_PORT}`))) ?? 'localhost';
}

function homeFile(name: string): string | null {
    const path = join(homedir(), '.postgresql', name);
    return existsSync(path) ? path : null;
}

function wrongAddress(found: string): EltError {
    return new EltError({
        code: 'COMMAND_WRONG',
        message: 'the address of the source cannot be read',
        found,
        state: 'nothing was changed',
        next: 'correct the address, ELT_SOURCE or the PG… variables',
    });
}
