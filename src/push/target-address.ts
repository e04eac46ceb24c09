import { EltError } from '../core/errors.ts';
import { nameOf, type ServerAddress, serverAddress, showsPassword } from '../postgres/server-address.ts';

/** Where a mart goes, as `--to` or the head of its file says. */
export type TargetAddress =
    | {
          readonly kind: 'postgres';
          readonly name: string;
          readonly server: ServerAddress;
          readonly schema: string;
          readonly table: string;
      }
    | {
          readonly kind: 'search';
          readonly name: string;
          /** Scheme, host and port, and a path before the index where a proxy wants one. */
          readonly base: string;
          readonly index: string;
      };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `postgres://host/database/schema.table` and `http://host:9200/index`. What is left out of the first is libpq's
 * affair, as for sources; without a table it is that of the mart's name in `public`.
 * @throws EltError COMMAND_WRONG.
 */
export function targetAddress(text: string, mart: string, environment: Environment = process.env): TargetAddress {
    if (/^postgres(?:ql)?:\/\//.test(text)) {
        return postgresAddress(text, mart, environment);
    }
    if (/^https?:\/\//.test(text)) {
        return searchAddress(text, mart);
    }
    throw wrongTarget(`"${withoutUser(text)}"; expected postgres://… or http://… or https://…`);
}

function postgresAddress(text: string, mart: string, environment: Environment): TargetAddress {
    const [, head = '', path = '', query = ''] = /^(postgres(?:ql)?:\/\/[^/?]*)(\/[^?]*)?(\?.*)?$/.exec(text) ?? [];
    const [, database = '', relation, ...more] = path.split('/');
    if (more.length > 0) {
        throw wrongTarget(`the path "${path}"; expected /database/schema.table`);
    }
    if (relation === undefined && database.includes('.')) {
        throw wrongTarget(`the path "${path}": a database with a point in its name, or a table without its database`);
    }
    const address = `${head}/${database}${query}`;
    if (showsPassword(address)) {
        throw wrongTarget('a password, which everyone who lists processes would see', PASSWORD_ELSEWHERE);
    }
    const [schema, table, ...rest] = relation === undefined || relation === '' ? ['public', mart] : split(relation);
    if (schema === undefined || table === undefined || rest.length > 0) {
        throw wrongTarget(`the table "${relation}"; expected table or schema.table`);
    }
    const server = serverAddress(address, environment);
    return { kind: 'postgres', name: `${placeOf(server)}/${schema}.${table}`, server, schema, table };
}

/** A server behind a unix socket is one of this machine: the socket's folder says no more. */
function placeOf(server: ServerAddress): string {
    return nameOf(server.host.startsWith('/') ? { ...server, host: '' } : server);
}

function split(relation: string): readonly string[] {
    const parts = decodeURIComponent(relation).split('.');
    return parts.length === 1 ? ['public', ...parts] : parts;
}

function searchAddress(text: string, mart: string): TargetAddress {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || url.search !== '' || url.hash !== '') {
        throw wrongTarget(`"${withoutUser(text)}"; expected http://host:9200/index`);
    }
    if (url.username !== '' || url.password !== '') {
        throw wrongTarget('a user or a password in the address', CREDENTIALS_ELSEWHERE);
    }
    const path = url.pathname.split('/').filter((part) => part !== '');
    const index = decodeURIComponent(path.pop() ?? mart.toLowerCase());
    if (!/^[^A-Z\\/*?"<>| ,#:+_.-][^A-Z\\/*?"<>| ,#:]*$/.test(index) || index.length > INDEX_CHARACTERS_MAX) {
        throw wrongTarget(
            `the index "${index}"; expected lower-case letters without blanks and without \\ / * ? " < > | , # :`,
        );
    }
    const base = `${url.origin}${path.map((part) => `/${part}`).join('')}`;
    return { kind: 'search', name: `${base}/${encodeURIComponent(index)}`, base, index };
}

/** An index of its own hangs behind the name, with a number. */
const INDEX_CHARACTERS_MAX = 200;
const PASSWORD_ELSEWHERE = 'give the password in PGPASSWORD or ~/.pgpass';
const CREDENTIALS_ELSEWHERE =
    'give them in ELT_SEARCH_USER and ELT_SEARCH_PASSWORD, or ELT_SEARCH_PASSWORD_FILE, or in ELT_SEARCH_API_KEY';

function withoutUser(text: string): string {
    return text.replace(/\/\/[^@/]*@/, '//');
}

function wrongTarget(found: string, next = 'correct the address of the target'): EltError {
    return new EltError({
        code: 'COMMAND_WRONG',
        message: 'the address of the target cannot be read',
        found,
        state: 'nothing was pushed',
        next,
    });
}
