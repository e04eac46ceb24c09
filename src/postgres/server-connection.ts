import type { Socket } from 'node:net';
import { Client, type ClientConfig, type Connection } from 'pg';
import type { ServerAddress } from './server-address.ts';
import { isOfTls, isPassing, serverError, serverErrorFacts } from './server-error.ts';
import { type TlsAttempt, tlsAttempts } from './tls-modes.ts';

/**
 * Settings on which the text of values depends, and those that would end a long copy or hide rows. In the startup
 * packet they win over what a role or a database says, for a replication connection too.
 */
const PINNED: Readonly<Record<string, string>> = {
    DateStyle: 'ISO',
    IntervalStyle: 'postgres',
    TimeZone: 'UTC',
    extra_float_digits: '1',
    bytea_output: 'hex',
    client_encoding: 'UTF8',
    // Types outside it are named with their schema: so does wal2json in a session of the default.
    search_path: 'public',
    // A table whose policies would hide rows is refused, not copied in part.
    row_security: 'off',
    standard_conforming_strings: 'on',
    statement_timeout: '0',
    lock_timeout: '0',
    idle_in_transaction_session_timeout: '0',
};

/** A row as the server wrote it: every value its text. */
export type ServerRow = Readonly<Record<string, string | null>>;

/** What `pg` has beyond its types: pinned to one version, and kept by tests against real servers. */
interface DriverConnection extends Connection {
    readonly stream: Socket;
    sendCopyFromChunk(bytes: Buffer): void;
    endCopyFrom(): void;
}
export type DriverClient = Client & { readonly connection: DriverConnection; readonly processID: number };

export type ConnectionKind = 'ordinary' | 'replication';

/**
 * A connection to PostgreSQL. Owns the socket; `close` ends it. An error that comes while nothing is asked is kept, and
 * thrown by what is asked next.
 */
export class ServerConnection {
    readonly client: DriverClient;
    readonly address: ServerAddress;
    #ended: unknown = null;

    private constructor(client: DriverClient, address: ServerAddress) {
        this.client = client;
        this.address = address;
        client.on('error', (error) => {
            this.#ended ??= error;
        });
    }

    /** @throws EltError SOURCE_UNREACHABLE, SOURCE_REFUSED, SOURCE_UNFIT, COMMAND_WRONG. */
    static async open(address: ServerAddress, kind: ConnectionKind = 'ordinary'): Promise<ServerConnection> {
        const attempts = tlsAttempts(address);
        for (const [index, tls] of attempts.entries()) {
            const client = new Client(configOf(address, kind, tls)) as DriverClient;
            const connection = new ServerConnection(client, address);
            try {
                await client.connect();
                return connection;
            } catch (error) {
                connection.destroy();
                if (index === attempts.length - 1 || !mayTryOtherwise(error)) {
                    throw serverError(error, address, 'connect');
                }
            }
        }
        throw new Error('there is at least one attempt');
    }

    /** The server's process of this connection. */
    get pid(): number {
        return this.client.processID;
    }

    /** True when the connection has ended without being asked to. */
    get isBroken(): boolean {
        return this.#ended !== null;
    }

    /** Rows of one statement; `values` for `$1`, `$2`: not on a replication connection. */
    async rows<Row = ServerRow>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]> {
        if (this.#ended !== null) {
            throw this.#ended;
        }
        const result = await this.client.query(sql, values === undefined ? undefined : [...values]);
        // A text of several statements gives several results.
        const last = Array.isArray(result) ? result.at(-1) : result;
        return last.rows as Row[];
    }

    async one<Row = ServerRow>(sql: string, values?: readonly unknown[]): Promise<Row> {
        return (await this.rows<Row>(sql, values))[0] as Row;
    }

    /** Ends the connection when neither side has sent anything for so long, as one that is lost; 0: it may be silent. */
    limitSilence(ms: number): void {
        const { stream } = this.client.connection;
        stream.removeAllListeners('timeout');
        stream.setTimeout(ms, () => {
            const error = new Error(`nothing came from the server for ${ms / 1_000} seconds`);
            stream.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
        });
    }

    async close(): Promise<void> {
        await this.client.end().catch(() => undefined);
    }

    /** Without a word to the server, which notices by the socket. */
    destroy(): void {
        this.client.connection.stream.destroy();
    }
}

function configOf(address: ServerAddress, kind: ConnectionKind, tls: TlsAttempt): ClientConfig {
    const { host, port, user, database, applicationName, connectTimeoutMs, bindsChannel, isDirectTls } = address;
    const pins = Object.entries(PINNED).map(([name, value]) => `-c ${name}=${value}`);
    return {
        host,
        port,
        user,
        database,
        // As a function: the driver would look for a password of its own where a text is empty.
        password: () => (address.password ?? undefined) as string,
        application_name: applicationName,
        options: [address.options, ...pins].filter((one) => one !== '').join(' '),
        connectionTimeoutMillis: connectTimeoutMs,
        ssl: tls,
        sslnegotiation: isDirectTls && tls !== false ? 'direct' : 'postgres',
        enableChannelBinding: bindsChannel,
        keepAlive: true,
        keepAliveInitialDelayMillis: 30_000,
        types: { getTypeParser: () => (text: string) => text } as unknown as NonNullable<ClientConfig['types']>,
        ...(kind === 'replication' ? { replication: 'database' } : {}),
    };
}

/** A server without TLS or with another certificate, or whose pg_hba.conf lets in only with or without it. */
function mayTryOtherwise(error: unknown): boolean {
    const facts = serverErrorFacts(error);
    return isOfTls(facts) || facts.code === '28000' || (facts.code === 'ECONNRESET' && isPassing(facts));
}
