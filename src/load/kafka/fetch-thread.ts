import type { Arrived, ArrivedPartition, FetchPlace, ThreadedFetcher } from '../../capture/kafka/arrived.ts';
import { unpackedRun } from '../../capture/kafka/packed-runs.ts';
import { BadBatch } from '../../capture/kafka/record-batches.ts';
import type { ServerAddress } from '../../capture/kafka/server-address.ts';
import type { RecordRun } from '../../capture/kafka/topic-runs.ts';
import { EltError, type ErrorFacts } from '../../core/errors.ts';
import { OwnThread } from '../../core/own-thread.ts';
import { type RingMemory, RingReader, ringMemory } from '../../core/shared-ring.ts';
import type { ScannedSource } from '../../decode/rows/rows-ahead.ts';

/** What is read and has not been landed is in memory of this size; then the thread waits. More than a commit's time holds. */
const RING_BYTES = 8 * 1024 * 1024;

/** What a frame in the ring is. */
export const FrameKind = {
    /** What follows is of the piece with this number. */
    begin: 0,
    /** Messages. */
    run: 1,
    /** Messages that are too long for the ring: they come by a message. */
    long: 2,
    /** The piece has no more. */
    end: 3,
    /** The piece cannot be read further: why. */
    bad: 4,
} as const;

/** What the thread begins with. */
export interface FetchThreadData {
    readonly address: ServerAddress;
    readonly leaders: readonly number[];
    readonly runMessagesMax: number;
    readonly ring: RingMemory;
}

/** What the thread receives: that there is room in the ring again; to fetch, and how the rows of topics look by now. */
export type ToFetchThread =
    | 'room'
    | {
          readonly fetch: number;
          readonly node: number;
          readonly places: readonly FetchPlace[];
          readonly rows: ReadonlyMap<string, ScannedSource>;
      };

/** What is said of a partition; its messages, if it has a piece, come by the ring. */
export type FetchedFacts = Omit<ArrivedPartition, 'runs'> & { readonly piece: number };

/** What the thread tells. */
export type FromFetchThread =
    | 'ready'
    /** There is something to read in the ring. */
    | 'more'
    | { readonly long: ArrayBuffer }
    | { readonly fetched: number; readonly errorCode: number; readonly partitions: readonly FetchedFacts[] }
    | { readonly failed: number; readonly error: ErrorFacts };

interface FetchThreadOptions {
    readonly address: ServerAddress;
    readonly leaders: readonly number[];
    readonly runMessagesMax: number;
    /** How the rows of topics look that can be scanned before they are decoded. */
    readonly rows: () => ReadonlyMap<string, ScannedSource>;
    readonly more: () => void;
    readonly failed: (error: unknown) => void;
}

interface Waiting {
    readonly resolve: (arrived: Arrived) => void;
    readonly reject: (error: unknown) => void;
}

/**
 * Fetches and reads messages in a thread of its own, so that they are there when the landing comes to them. Messages come in the order of their pieces: what is left of a piece that
 * nobody takes is passed over when a later one is read.
 */
export class FetchThread implements ThreadedFetcher {
    readonly #options: FetchThreadOptions;
    readonly #thread: OwnThread<ToFetchThread, FromFetchThread>;
    readonly #reader: RingReader;
    readonly #long: ArrayBuffer[] = [];
    readonly #waiting = new Map<number, Waiting>();
    readonly #columnsTold = new Map<string, number>();
    #fetches = 0;
    /** The piece whose messages come next in the ring. */
    #piece = -1;
    #failure: EltError | null = null;
    isReady = false;

    constructor(options: FetchThreadOptions) {
        this.#options = options;
        const ring = ringMemory(RING_BYTES);
        this.#reader = new RingReader(ring, () => this.#thread.tell('room'));
        const { address, leaders, runMessagesMax } = options;
        this.#thread = new OwnThread({
            owner: import.meta.url,
            program: 'fetch-worker',
            does: 'reads topics',
            data: { address, leaders, runMessagesMax, ring } satisfies FetchThreadData,
            // Messages lie outside of its heap.
            heapMb: 64,
            youngMb: 16,
            hear: (message: FromFetchThread) => this.#hear(message),
            failed: (facts) => this.#fail(facts),
        });
    }

    fetch(node: number, places: readonly FetchPlace[]): Promise<Arrived> {
        if (this.#failure !== null) {
            return Promise.reject(this.#failure);
        }
        const number = this.#fetches++;
        return new Promise((resolve, reject) => {
            this.#waiting.set(number, { resolve, reject });
            this.#thread.tell({ fetch: number, node, places, rows: this.#newRows() });
        });
    }

    release(): void {
        this.#reader.release();
    }

    async close(): Promise<void> {
        await this.#thread.close();
    }

    /** Of the topics whose rows have got columns since they were told last. */
    #newRows(): ReadonlyMap<string, ScannedSource> {
        const rows = new Map(
            [...this.#options.rows()].filter(([topic, { columns }]) => this.#columnsTold.get(topic) !== columns.length),
        );
        for (const [topic, { columns }] of rows) {
            this.#columnsTold.set(topic, columns.length);
        }
        return rows;
    }

    #hear(message: FromFetchThread): void {
        if (message === 'ready') {
            this.isReady = true;
        } else if (message === 'more') {
            this.#options.more();
        } else if ('long' in message) {
            this.#long.push(message.long);
            this.#options.more();
        } else if ('failed' in message) {
            this.#taken(message.failed)?.reject(new EltError(message.error));
        } else {
            const { errorCode, partitions, fetched } = message;
            const arrived = partitions.map(({ piece, ...facts }) => {
                const runs = { next: () => this.#next(piece) };
                return { ...facts, runs };
            });
            this.#taken(fetched)?.resolve({ errorCode, partitions: arrived });
        }
    }

    #taken(number: number): Waiting | undefined {
        const waiting = this.#waiting.get(number);
        this.#waiting.delete(number);
        return waiting;
    }

    /** The next messages of a piece. */
    #next(piece: number): RecordRun | null | 'later' {
        const reader = this.#reader;
        let found: RecordRun | null | 'later' | BadBatch = 'later';
        while (found === 'later' && reader.hasMore()) {
            let isStuck = false;
            reader.read((kind, start, end) => {
                if (found !== 'later') {
                    return false;
                }
                const frame = this.#frame(kind, start, end);
                isStuck = frame === 'later';
                if (this.#piece === piece && frame !== 'begun') {
                    found = frame;
                }
                return !isStuck;
            });
            if (isStuck) {
                break;
            }
        }
        if ((found as unknown) instanceof BadBatch) {
            throw found;
        }
        if (found === 'later' && this.#failure !== null) {
            throw this.#failure;
        }
        return found;
    }

    /** `later`: it is on its way. */
    #frame(kind: number, start: number, end: number): RecordRun | null | 'later' | 'begun' | BadBatch {
        const { bytes } = this.#reader;
        switch (kind) {
            case FrameKind.begin:
                this.#piece = bytes.readInt32LE(start);
                return 'begun';
            case FrameKind.run:
                return unpackedRun(bytes.subarray(start, end));
            case FrameKind.long: {
                const long = this.#long.shift();
                return long === undefined ? 'later' : unpackedRun(Buffer.from(long));
            }
            case FrameKind.end:
                return null;
            default:
                return new BadBatch(bytes.toString('utf8', start, end));
        }
    }

    #fail(facts: ErrorFacts): void {
        this.#failure = new EltError({
            ...facts,
            state: 'what was committed is safe; the same command continues there',
        });
        for (const { reject } of this.#waiting.values()) {
            reject(this.#failure);
        }
        this.#waiting.clear();
        this.#options.failed(this.#failure);
    }
}
