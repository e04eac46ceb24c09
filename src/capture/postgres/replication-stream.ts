import { lsnNumber } from '../../core/lsn.ts';
import type { TypeNames } from '../../core/relation-facts.ts';
import type { ServerAddress } from '../../postgres/server-address.ts';
import { ServerConnection } from '../../postgres/server-connection.ts';
import { quoteIdentifier, quoteLiteral } from '../../postgres/server-quote.ts';
import { FactsReader } from './facts-reader.ts';
import { FrameKind } from './frame-kind.ts';

/** What a stream is asked for. Plain data: it is handed to a thread. */
export interface StreamRequest {
    readonly address: ServerAddress;
    readonly slot: string;
    /** The plugin's options, by its names. */
    readonly options: Readonly<Record<string, string>>;
    /** Changes that are committed at or behind it are sent. */
    readonly from: string;
    /** pgoutput names relations whose types must be asked for. */
    readonly namesRelations: boolean;
    /** Texts of types that are known from before. */
    readonly typeNames: TypeNames;
    /** Somebody waits to hear that the server has nothing more: it is asked often. */
    readonly isWaitedFor: boolean;
}

/** Who takes what a stream receives: see `stream-message.ts`. */
export interface StreamSink {
    /** False: there is no room now, and `resume` is called when there is. The bytes are good during the call. */
    frame(kind: FrameKind, bytes: Buffer, start: number, end: number): boolean;
    /** The stream has ended: by itself with the error, or because it was closed (null). */
    ended(error: unknown): void;
}

const [XLOG_DATA, KEEPALIVE, STATUS] = [0x77, 0x6b, 0x72];
const [RELATION, TYPE] = [0x52, 0x59];
/** Letter, two LSNs, time; behind it the plugin's bytes. */
const DATA_HEAD_BYTES = 25;
const STATUS_BYTES = 34;
const EPOCH_MICROSECONDS = 946_684_800_000_000n;

/** How often the server is told that we live, if it lets us be silent so long; what it answers tells that it lives. */
const STATUS_MS_MAX = 10_000;
const STATUS_MS_MIN = 100;
const WAITED_FOR_MS = 100;
/** A server that has said nothing for so long, although it was asked twice, is dead or frozen. */
const SILENCE_MS_MAX = 25_000;
/** How long the server has to say that it has read the last confirmation. */
const FAREWELL_MS = 700;

/**
 * One replication connection under way. Answers the server by itself, whatever its taker does meanwhile, and confirms
 * what it is told to and nothing else. Ends at the first error: the next stream begins where the taker has stored.
 * Source: https://www.postgresql.org/docs/current/protocol-replication.html
 */
export class ReplicationStream {
    readonly #request: StreamRequest;
    readonly #sink: StreamSink;
    readonly #facts: FactsReader;
    #connection: ServerConnection | null = null;
    /** Frames for which there was no room; the socket is left alone until they are gone, so that the server waits. */
    #unwritten: { readonly kind: FrameKind; readonly bytes: Buffer }[] = [];
    /** Messages that wait until the types of a relation are known; null: none do. */
    #waiting: Buffer[] | null = null;
    #received = 0n;
    #confirmed: bigint;
    #heardAt = performance.now();
    #statusMs = STATUS_MS_MAX;
    #timer: NodeJS.Timeout | undefined;
    #hasEnded = false;
    #farewell: (() => void) | null = null;

    constructor(request: StreamRequest, sink: StreamSink) {
        this.#request = request;
        this.#sink = sink;
        this.#facts = new FactsReader(request.address, request.typeNames);
        this.#confirmed = lsnNumber(request.from) ?? 0n;
    }

    async start(): Promise<void> {
        const { address, slot, options, from } = this.#request;
        try {
            const connection = await ServerConnection.open(address, 'replication');
            this.#connection = connection;
            const { wal_sender_timeout: timeout } = await connection.one('show wal_sender_timeout');
            this.#statusMs = this.#request.isWaitedFor ? WAITED_FOR_MS : statusInterval(timeout ?? '');
            const list = Object.entries(options).map(
                ([name, value]) => `${quoteIdentifier(name)} ${quoteLiteral(value)}`,
            );
            const words = list.length === 0 ? '' : ` (${list.join(', ')})`;
            this.#listen(connection);
            // Answered by its end alone, which is an error or ours.
            connection.client
                .query(`START_REPLICATION SLOT ${quoteIdentifier(slot)} LOGICAL ${from}${words}`)
                .then(() => this.#end(new Error('the server has ended the stream')))
                .catch((error: unknown) => this.#end(error));
            this.#timer = setInterval(() => this.#onTimer(), this.#statusMs);
        } catch (error) {
            this.#end(error);
        }
    }

    /** Everything before `lsn` is stored: the server may forget it. */
    confirm(lsn: string): void {
        const position = lsnNumber(lsn) ?? 0n;
        if (position > this.#confirmed) {
            this.#confirmed = position;
            this.#sendStatus(false);
        }
    }

    /** There is room again. */
    resume(): void {
        let written = 0;
        for (const { kind, bytes } of this.#unwritten) {
            if (!this.#sink.frame(kind, bytes, 0, bytes.length)) {
                break;
            }
            written++;
        }
        this.#unwritten.splice(0, written);
        if (this.#unwritten.length > 0) {
            return;
        }
        if (this.#waiting === null) {
            this.#socket?.resume();
        }
    }

    /** Ends the connection; what was confirmed has reached the server. */
    async close(): Promise<void> {
        if (this.#hasEnded || this.#connection === null) {
            this.#end(null);
            return;
        }
        this.#sendStatus(false);
        this.#connection.client.connection.endCopyFrom();
        this.#socket?.resume();
        await new Promise<void>((resolve) => {
            // A timer that were left would keep the thread, and with it the process.
            const timer = setTimeout(resolve, FAREWELL_MS);
            this.#farewell = () => {
                clearTimeout(timer);
                resolve();
            };
        });
        this.#end(null);
    }

    get #socket() {
        return this.#connection?.client.connection.stream;
    }

    #listen({ client }: ServerConnection): void {
        client.connection.on('copyData', ({ chunk }: { readonly chunk: Buffer }) => {
            this.#heardAt = performance.now();
            if (this.#farewell !== null || this.#hasEnded) {
                return;
            }
            if (this.#waiting !== null) {
                this.#waiting.push(Buffer.from(chunk));
            } else {
                this.#take(chunk);
            }
        });
        client.connection.on('copyDone', () => this.#farewell?.());
        client.on('error', (error) => this.#end(error));
        client.on('end', () => this.#end(new Error('the connection has ended')));
    }

    #take(chunk: Buffer): void {
        if (chunk[0] === XLOG_DATA) {
            this.#received = chunk.readBigUInt64BE(1);
            if (this.#request.namesRelations && chunk[DATA_HEAD_BYTES] === RELATION) {
                this.#askForFacts(chunk);
                return;
            }
            if (this.#request.namesRelations && chunk[DATA_HEAD_BYTES] === TYPE) {
                this.#facts.noteType(chunk.subarray(DATA_HEAD_BYTES));
            }
            this.#give(FrameKind.data, chunk, 1, chunk.length);
        } else if (chunk[0] === KEEPALIVE) {
            this.#received = chunk.readBigUInt64BE(1);
            const isAsked = chunk[17] === 1;
            const idle = Buffer.allocUnsafe(9);
            chunk.copy(idle, 0, 1, 9);
            idle[8] = isAsked ? 1 : 0;
            this.#give(FrameKind.idle, idle, 0, idle.length);
            if (isAsked) {
                this.#sendStatus(false);
            }
        }
    }

    #give(kind: FrameKind, bytes: Buffer, start: number, end: number): void {
        if (this.#unwritten.length > 0 || !this.#sink.frame(kind, bytes, start, end)) {
            this.#unwritten.push({ kind, bytes: Buffer.from(bytes.subarray(start, end)) });
            this.#socket?.pause();
        }
    }

    /** What is received meanwhile waits, in order. */
    #askForFacts(chunk: Buffer): void {
        this.#waiting = [Buffer.from(chunk)];
        this.#socket?.pause();
        this.#facts
            .ask(Buffer.from(chunk.subarray(DATA_HEAD_BYTES)))
            .then((facts) => {
                const [named, ...others] = this.#waiting ?? [];
                this.#waiting = null;
                const text = Buffer.from(JSON.stringify(facts));
                this.#give(FrameKind.facts, text, 0, text.length);
                this.#give(FrameKind.data, named as Buffer, 1, (named as Buffer).length);
                while (others.length > 0 && this.#waiting === null) {
                    this.#take(others.shift() as Buffer);
                }
                (this.#waiting as Buffer[] | null)?.push(...others);
                this.resume();
            })
            .catch((error: unknown) => this.#end(error));
    }

    #onTimer(): void {
        if (this.#socket?.isPaused() === true) {
            // Nothing is heard of a server to which nobody listens.
            this.#heardAt = performance.now();
        }
        if (performance.now() - this.#heardAt > SILENCE_MS_MAX) {
            const error = new Error(`the server has said nothing for ${Math.round(SILENCE_MS_MAX / 1_000)} s`);
            this.#end(Object.assign(error, { code: 'ETIMEDOUT' }));
            return;
        }
        this.#sendStatus(this.#request.isWaitedFor || performance.now() - this.#heardAt > STATUS_MS_MAX / 2);
    }

    #sendStatus(asksForAnswer: boolean): void {
        const connection = this.#connection?.client.connection;
        if (connection === undefined || this.#hasEnded) {
            return;
        }
        const status = Buffer.allocUnsafe(STATUS_BYTES);
        status[0] = STATUS;
        status.writeBigUInt64BE(this.#received > this.#confirmed ? this.#received : this.#confirmed, 1);
        status.writeBigUInt64BE(this.#confirmed, 9);
        status.writeBigUInt64BE(this.#confirmed, 17);
        status.writeBigInt64BE(BigInt(Date.now()) * 1_000n - EPOCH_MICROSECONDS, 25);
        status[33] = asksForAnswer ? 1 : 0;
        connection.sendCopyFromChunk(status);
    }

    #end(error: unknown): void {
        if (this.#hasEnded) {
            return;
        }
        this.#hasEnded = true;
        clearInterval(this.#timer);
        this.#facts.close();
        this.#connection?.destroy();
        this.#farewell?.();
        this.#sink.ended(this.#farewell === null ? error : null);
    }
}

/** Often enough that the server, which gives up after `timeout`, hears from us three times; 0 is without limit. */
function statusInterval(timeout: string): number {
    const [, number = '0', unit = 'ms'] = /^(\d+)(ms|s|min|h|d)?$/.exec(timeout) ?? [];
    const factors: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
    const milliseconds = Number(number) * (factors[unit] ?? 1);
    return milliseconds === 0
        ? STATUS_MS_MAX
        : Math.min(STATUS_MS_MAX, Math.max(STATUS_MS_MIN, Math.floor(milliseconds / 3)));
}
