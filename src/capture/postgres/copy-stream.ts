import { COPY_DATA_HEAD_BYTES, messageEnd, takeCopyData } from '../../postgres/copy-data.ts';
import type { ServerAddress } from '../../postgres/server-address.ts';
import { ServerConnection } from '../../postgres/server-connection.ts';
import { quoteLiteral } from '../../postgres/server-quote.ts';

/** What a copying connection is opened for. Plain data: it is handed to a thread. */
export interface CopyRequest {
    readonly address: ServerAddress;
    /** An exported snapshot: every connection that takes it over sees the same rows. */
    readonly snapshot: string;
}

export interface CopySink {
    /** Whole rows of COPY's text format; counted as held until `release`. */
    rows(bytes: Buffer): void;
}

const BATCH_BYTES = 512 * 1024;
/** Above it the socket is left alone until some of it is taken. */
const HELD_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Rows of tables as they were in one snapshot, in the text format of COPY. Owns its connection, whose transaction keeps
 * the snapshot; both end with the thread.
 * Source: https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
export class CopyStream {
    readonly #connection: ServerConnection;
    readonly #sink: CopySink;
    #pieces: Buffer = Buffer.allocUnsafeSlow(BATCH_BYTES);
    #length = 0;
    #held = 0;

    private constructor(connection: ServerConnection, sink: CopySink) {
        this.#connection = connection;
        this.#sink = sink;
        takeCopyData(connection.client.connection.stream, (bytes, start, end) => this.#take(bytes, start, end));
    }

    static async open({ address, snapshot }: CopyRequest, sink: CopySink): Promise<CopyStream> {
        const connection = await ServerConnection.open(address);
        try {
            await connection.rows('begin transaction isolation level repeatable read, read only');
            await connection.rows(`set transaction snapshot ${quoteLiteral(snapshot)}`);
        } catch (error) {
            await connection.close();
            throw error;
        }
        return new CopyStream(connection, sink);
    }

    /** Runs a `copy … to stdout`; resolves when its last row was given away. */
    async copy(sql: string): Promise<void> {
        await this.#connection.rows(sql);
        this.#flush();
    }

    release(bytes: number): void {
        this.#held -= bytes;
        if (this.#held < HELD_BYTES_MAX / 2) {
            this.#connection.client.connection.stream.resume();
        }
    }

    /** The server sends a message for each row: the rows move together, over the heads between them. */
    #take(bytes: Buffer, start: number, end: number): void {
        let to = start;
        for (let at = start; at < end; ) {
            const row = at + COPY_DATA_HEAD_BYTES;
            at = messageEnd(bytes, at);
            bytes.copyWithin(to, row, at);
            to += at - row;
        }
        const length = to - start;
        if (this.#length + length > this.#pieces.length) {
            this.#flush();
            if (length > this.#pieces.length) {
                this.#pieces = Buffer.allocUnsafeSlow(length);
            }
        }
        bytes.copy(this.#pieces, this.#length, start, to);
        this.#length += length;
    }

    #flush(): void {
        if (this.#length === 0) {
            return;
        }
        const rows = this.#pieces.subarray(0, this.#length);
        this.#pieces = Buffer.allocUnsafeSlow(BATCH_BYTES);
        this.#length = 0;
        this.#held += rows.length;
        if (this.#held > HELD_BYTES_MAX) {
            this.#connection.client.connection.stream.pause();
        }
        this.#sink.rows(rows);
    }
}
