import { once } from 'node:events';
import type { ServerConnection } from '../../postgres/server-connection.ts';

/** Pieces are gathered to this size: a message for each row would cost more than the row. */
const PIECE_CHARACTERS = 128 * 1024;

/**
 * A `copy … from stdin` under way. Waits where the socket does not take more, so that what is on the way stays within the
 * socket's own buffer. The driver has no word for it: this is one of its queries by the methods that it calls.
 * Source: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY
 */
export class CopyIn {
    readonly #connection: ServerConnection;
    readonly #ready = Promise.withResolvers<void>();
    readonly #done = Promise.withResolvers<void>();
    #error: unknown = null;
    #text = '';

    private constructor(connection: ServerConnection) {
        this.#connection = connection;
        this.#ready.promise.catch(() => undefined);
        this.#done.promise.catch(() => undefined);
    }

    /** Resolves when the server waits for rows. */
    static async begin(connection: ServerConnection, sql: string): Promise<CopyIn> {
        const copy = new CopyIn(connection);
        const fail = (error: unknown): void => copy.#fail(error);
        connection.client.query({
            submit: () => {
                connection.client.connection.query(sql);
            },
            handleCopyInResponse: () => copy.#ready.resolve(),
            handleCommandComplete: () => undefined,
            handleRowDescription: () => undefined,
            handleDataRow: () => undefined,
            handleEmptyQuery: () => undefined,
            handlePortalSuspended: () => undefined,
            handleError: fail,
            handleReadyForQuery: () => {
                if (copy.#error === null) {
                    copy.#done.resolve();
                } else {
                    copy.#done.reject(copy.#error);
                }
            },
        } as unknown as Parameters<typeof connection.client.query>[0]);
        await copy.#ready.promise;
        return copy;
    }

    /** Whole rows of COPY's text format. True: a piece is full, and `send` is to be called before the next ones. */
    add(rows: string): boolean {
        this.#text += rows;
        return this.#text.length >= PIECE_CHARACTERS;
    }

    async end(): Promise<void> {
        await this.send();
        this.#connection.client.connection.endCopyFrom();
        await this.#done.promise;
    }

    async send(): Promise<void> {
        if (this.#error !== null) {
            // The server drops what comes after its error.
            await this.#done.promise;
        }
        const { connection } = this.#connection.client;
        connection.sendCopyFromChunk(Buffer.from(this.#text));
        this.#text = '';
        if (connection.stream.writableNeedDrain) {
            await Promise.race([once(connection.stream, 'drain'), this.#done.promise]);
        }
    }

    #fail(error: unknown): void {
        this.#error = error;
        this.#ready.reject(error);
        // The driver hands nothing more to a query that failed, not even that the server is ready again.
        this.#done.reject(error);
    }
}
