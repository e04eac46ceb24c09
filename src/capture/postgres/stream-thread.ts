import { EltError, type ErrorFacts } from '../../core/errors.ts';
import { OwnThread } from '../../core/own-thread.ts';
import { type RingMemory, RingReader, ringMemory } from '../../core/shared-ring.ts';
import type { ServerErrorFacts } from '../../postgres/server-error.ts';
import { FrameKind } from './frame-kind.ts';
import type { LogEnd } from './log-watch.ts';
import type { StreamRequest } from './replication-stream.ts';

/** What the thread begins with. */
export interface StreamThreadData {
    readonly request: StreamRequest;
    readonly ring: RingMemory;
}

/** What the thread receives: that there is room in the ring again, what to confirm, to end. */
export type ToStreamThread = 'room' | 'close' | { readonly confirm: string };

/**
 * What the thread tells: that there is something to read in the ring; a frame that is too long for it; how far the server's log
 * goes; how it ended.
 */
export type FromStreamThread =
    | 'more'
    | { readonly long: ArrayBuffer }
    | { readonly logEnd: LogEnd }
    | { readonly ended: StreamEnd };

/** Null: it was closed. */
export type StreamEnd = { readonly known: ErrorFacts } | { readonly server: ServerErrorFacts } | null;

/** The thread may take this much longer to end than its farewell to the server. */
const END_MS_MAX = 1_500;

/** What is received and not read is in memory of this size; then the server waits. */
const RING_BYTES = 4 * 1024 * 1024;
/** After so many messages no more frames are read at once: a signal is noticed, and few objects are alive together. */
const READ_MESSAGES_MAX = 4_000;

/** While frames come one upon the other they are read so often, many at a time: each wake-up costs more than a change. */
const REST_MS = 2;
/** Within so long after the last ones they do. */
const FLOW_MS = 10;

/**
 * Takes a frame, its kind and its bytes `source[start, end)`, which are good until the next call of `next`; gives how many
 * messages it holds.
 */
export type TakeFrame = (kind: FrameKind, source: Buffer, start: number, end: number) => number;

/** A replication connection in a thread of its own, so that the server is answered while SQLite works. */
export class StreamThread {
    readonly #thread: OwnThread<ToStreamThread, FromStreamThread>;
    readonly #reader: RingReader;
    /** How far the server's log went when it was last asked. */
    logEnd: LogEnd | null = null;
    #long: Buffer[] = [];
    #readAt = 0;
    #end: StreamEnd | undefined;
    #wake: () => void = () => undefined;

    constructor(request: StreamRequest) {
        const ring = ringMemory(RING_BYTES);
        this.#reader = new RingReader(ring, () => this.#thread.tell('room'));
        this.#thread = new OwnThread({
            owner: import.meta.url,
            program: 'stream-worker',
            does: 'keeps the replication connection',
            data: { request, ring } satisfies StreamThreadData,
            heapMb: 64,
            youngMb: 4,
            hear: (message: FromStreamThread) => this.#hear(message),
            failed: (known) => this.#ends({ known }),
        });
    }

    /** How the stream has ended; undefined: it has not, or frames are left. */
    get ended(): StreamEnd | undefined {
        return this.#reader.hasMore() ? undefined : this.#end;
    }

    /** Reads what has arrived; nothing after `waitMs`, or when the stream has ended. Lets the event loop run. */
    async next(waitMs: number, take: TakeFrame): Promise<void> {
        this.#reader.release();
        await new Promise((resolve) => setImmediate(resolve));
        if (this.#reader.isEmpty && waitMs > REST_MS && performance.now() - this.#readAt < FLOW_MS) {
            await new Promise((resolve) => setTimeout(resolve, REST_MS));
        }
        if (!this.#reader.hasMore() && this.#end === undefined && waitMs > 0) {
            await new Promise<void>((resolve) => {
                const timer = setTimeout(resolve, waitMs);
                this.#wake = () => {
                    clearTimeout(timer);
                    resolve();
                };
            });
            this.#wake = () => undefined;
        }
        let read = 0;
        this.#reader.read((kind, start, end) => {
            if (read >= READ_MESSAGES_MAX) {
                return false;
            }
            if (kind !== FrameKind.long) {
                read += take(kind as FrameKind, this.#reader.bytes, start, end);
                return true;
            }
            const long = this.#long.shift();
            if (long === undefined) {
                // It is on its way.
                return false;
            }
            read += take(this.#reader.bytes[start] as FrameKind, long, 0, long.length);
            return true;
        });
        if (read > 0) {
            this.#readAt = performance.now();
        }
    }

    confirm(lsn: string): void {
        this.#thread.tell({ confirm: lsn });
    }

    async close(): Promise<void> {
        this.#thread.tell('close');
        await this.#thread.close(END_MS_MAX);
    }

    #hear(message: FromStreamThread): void {
        if (message === 'more') {
            this.#wake();
        } else if ('long' in message) {
            this.#long.push(Buffer.from(message.long));
            this.#wake();
        } else if ('logEnd' in message) {
            this.logEnd = message.logEnd;
        } else {
            this.#ends(message.ended);
        }
    }

    #ends(end: StreamEnd): void {
        this.#end ??= end;
        this.#wake();
    }
}

/** What a thread can hand on of an error. */
export function plainError(error: unknown, factsOf: (error: unknown) => ServerErrorFacts): StreamEnd {
    if (!(error instanceof EltError)) {
        return error === null ? null : { server: factsOf(error) };
    }
    return { known: error.plainFacts };
}
