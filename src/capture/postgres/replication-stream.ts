import { lsnNumber } from '../../core/lsn.ts';
import type { TypeNames } from '../../core/relation-facts.ts';
import { COPY_DATA_HEAD_BYTES, messageEnd, takeCopyData } from '../../postgres/copy-data.ts';
import type { ServerAddress } from '../../postgres/server-address.ts';
import { ServerConnection } from '../../postgres/server-connection.ts';
import { quoteIdentifier, quoteLiteral } from '../../postgres/server-quote.ts';
import { FactsReader } from './facts-reader.ts';
import { FlowRest } from './flow-rest.ts';
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

const [KEEPALIVE, STATUS] = [0x6b, 0x72];
const [RELATION, TYPE] = [0x52, 0x59];
/** Head, letter, two LSNs, time; behind it the plugin's bytes. */
const DATA_HEAD_BYTES = COPY_DATA_HEAD_BYTES + 25;
/** Head, letter, LSN, time; behind it 1 if an answer is asked for. */
const ANSWER_AT = COPY_DATA_HEAD_BYTES + 17;
const STATUS_BYTES = 34;
const EPOCH_MICROSECONDS = 946_684_800_000_000n;

/** How often the server hears that we live, if it lets us be silent so long; what it answers tells that it lives. */
const STATUS_MS_MAX = 10_000;
const STATUS_MS_MIN = 100;
const WAITED_FOR_MS = 100;
/** A server that has said nothing for so long, although it was asked twice, is dead or frozen. */
const SILENCE_MS_MAX = 25_000;
/** How long the server has to say that it has read the last confirmation. */
const FAREWELL_MS = 700;

/**
 * One replication connection under way. Answers the server by itself, whatever its taker does meanwhile, and confirms
 * what it is asked for and nothing else. Ends at the first error: the next stream begins where the taker has stored.
 * Source: https://www.postgresql.org/docs/current/protocol-replication.html
 */
export class ReplicationStream {
    readonly #request: StreamRequest;
    readonly #sink: StreamSink;
    readonly #facts: FactsReader;
    readonly #rest = new FlowRest();
    #connection: ServerConnection | null = null;
    /** Frames for which there was no room; the socket is left alone until they are gone, so that the server waits. */
    #unwritten: { readonly kind: FrameKind; readonly bytes: Buffer }[] = [];
    /** Runs of messages that wait until the types of a relation are known; null: none do. */
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
        takeCopyData(client.connection.stream, (bytes, start, end) => {
            this.#heardAt = performance.now();
            if (this.#farewell !== null || this.#hasEnded) {
                return;
            }
            if (this.#waiting !== null) {
                this.#waiting.push(Buffer.from(bytes.subarray(start, end)));
            } else {
                this.#take(bytes, start, end);
                this.#rest.heard(end - start);
            }
        });
        client.connection.on('copyDone', () => this.#farewell?.());
        client.on('error', (error) => this.#end(error));
        client.on('end', () => this.#end(new Error('the connection has ended')));
    }

    /** A run of messages: they are handed on together, up to one that must wait for an answer. */
    #take(bytes: Buffer, start: number, end: number): void {
        const { namesRelations } = this.#request;
        let last = start;
        let isAsked = false;
        for (let at = start; at < end; ) {
            const next = messageEnd(bytes, at);
            if (bytes[at + COPY_DATA_HEAD_BYTES] === KEEPALIVE) {
                isAsked ||= bytes[at + ANSWER_AT] === 1;
            } else if (namesRelations && bytes[at + DATA_HEAD_BYTES] === RELATION) {
                this.#handOn(bytes, start, at, last, isAsked);
                this.#askForFacts(bytes, at, next, end);
                return;
            } else if (namesRelations && bytes[at + DATA_HEAD_BYTES] === TYPE) {
                this.#facts.noteType(bytes.subarray(at + DATA_HEAD_BYTES, next));
            }
            last = at;
            at = next;
        }
        this.#handOn(bytes, start, end, last, isAsked);
    }

    /** `last`: the last message of the run begins there; it is data or a keepalive, which both tell a place first. */
    #handOn(bytes: Buffer, start: number, end: number, last: number, isAsked: boolean): void {
        if (end === start) {
            return;
        }
        this.#received = bytes.readBigUInt64BE(last + COPY_DATA_HEAD_BYTES + 1);
        this.#give(FrameKind.messages, bytes, start, end);
        if (isAsked) {
            this.#sendStatus(false);
        }
    }

    #give(kind: FrameKind, bytes: Buffer, start: number, end: number): void {
        if (this.#unwritten.length > 0 || !this.#sink.frame(kind, bytes, start, end)) {
            this.#unwritten.push({ kind, bytes: Buffer.from(bytes.subarray(start, end)) });
            this.#socket?.pause();
        }
    }

    /** Of the message that names a relation, `bytes[at, next)`; what follows it waits, in order. */
    #askForFacts(bytes: Buffer, at: number, next: number, end: number): void {
        const named = Buffer.from(bytes.subarray(at, next));
        this.#waiting = next < end ? [Buffer.from(bytes.subarray(next, end))] : [];
        this.#socket?.pause();
        this.#facts
            .ask(named.subarray(DATA_HEAD_BYTES))
            .then((facts) => {
                const others = this.#waiting ?? [];
                this.#waiting = null;
                const text = Buffer.from(JSON.stringify(facts));
                this.#give(FrameKind.facts, text, 0, text.length);
                this.#handOn(named, 0, named.length, 0, false);
                while (others.length > 0 && this.#waiting === null) {
                    const run = others.shift() as Buffer;
                    this.#take(run, 0, run.length);
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
