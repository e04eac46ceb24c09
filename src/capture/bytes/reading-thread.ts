import { closeSync, openSync, readSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import { type AheadMemory, type AheadSkeleton, aheadMemory, ScannedAhead } from '../skeleton/scanned-ahead.ts';
import type { RunningHash } from './running-hash.ts';

const CHUNK_BYTES = 512 * 1024;
/** Several, so that reading continues while a commit keeps the framer waiting. */
const CHUNKS = 16;
const HASH_BYTES = 32;
/** A thread that does not answer within this time is a bug. */
const ANSWER_MS_MAX = 60_000;

/** Messages to the thread. */
export type ToThread =
    /** Begin to read at that place, into each chunk. */
    | { readonly begin: number }
    /** Read into that chunk; its bytes are no longer needed. */
    | { readonly read: number }
    /** Hash these bytes: of a chunk, or given. */
    | { readonly chunk: number; readonly from: number; readonly to: number }
    | { readonly bytes: Uint8Array }
    /** From now on scan each chunk for whatever repeats this skeleton. */
    | { readonly learn: AheadSkeleton }
    /** Put the hash of all bytes so far into the shared memory, under that number. */
    | { readonly digest: number };

/** Messages from the thread: it has begun; the number of bytes in a chunk (0: end of file); why it cannot read. */
export type FromThread =
    | { readonly begun: true }
    | { readonly chunk: number; readonly length: number }
    | { readonly error: Error };

/** What the thread starts with. `hash`: the number of the last digest (32 bits), then its bytes. */
export interface ThreadData {
    readonly path: string;
    readonly chunks: readonly SharedArrayBuffer[];
    readonly ahead: readonly AheadMemory[];
    readonly hash: SharedArrayBuffer;
}

/**
 * Reads and hashes a large file in a thread of its own, and scans what repeats a skeleton. Chunks are in shared memory,
 * so nothing is copied; the thread handles messages in order, so a chunk is hashed before it is overwritten.
 */
export class ReadingThread implements RunningHash {
    readonly #path: string;
    readonly #memory = Array.from({ length: CHUNKS }, () => new SharedArrayBuffer(CHUNK_BYTES));
    readonly #aheadMemory = this.#memory.map(() => aheadMemory(CHUNK_BYTES));
    readonly #ahead = new ScannedAhead(this.#aheadMemory, (learn) => this.#tell({ learn }));
    readonly #hash = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT + HASH_BYTES);
    readonly #answered = new Int32Array(this.#hash, 0, 1);
    #worker: Worker | null = null;
    #digests = 0;
    #untold: ToThread[] = [];

    constructor(path: string) {
        this.#path = path;
    }

    /** The file's bytes; a chunk is valid until the next one is requested. */
    async *chunks(count: (bytes: number) => void): AsyncGenerator<Buffer> {
        const worker = this.#start();
        const told: FromThread[] = [];
        let wake = (): void => {};
        const tell = (message: FromThread): void => {
            told.push(message);
            wake();
        };
        worker.on('message', tell);
        worker.on('error', (error: Error) => tell({ error }));
        const begin = yield* this.#readMeanwhile(() => told.length > 0, count);
        if (begin === null) {
            return;
        }
        this.#tell({ begin });
        this.#send();
        for (;;) {
            const message = told.shift();
            if (message === undefined) {
                await new Promise<void>((resolve) => {
                    wake = resolve;
                });
                continue;
            }
            if ('error' in message) {
                throw message.error;
            }
            if ('begun' in message) {
                continue;
            }
            if (message.length === 0) {
                return;
            }
            count(message.length);
            yield Buffer.from(this.#memory[message.chunk] as SharedArrayBuffer, 0, message.length);
            this.#tell({ read: message.chunk });
            this.#send();
        }
    }

    /**
     * Reads on this thread until the other has started, into each chunk once. Returns the place up to which the file was
     * read; null: to its end.
     */
    async *#readMeanwhile(
        hasBegun: () => boolean,
        count: (bytes: number) => void,
    ): AsyncGenerator<Buffer, number | null> {
        const file = openSync(this.#path, 'r');
        let position = 0;
        try {
            for (const memory of this.#memory) {
                // Messages of the thread arrive in a later turn of the event loop.
                await new Promise((resolve) => setImmediate(resolve));
                if (hasBegun()) {
                    break;
                }
                const chunk = Buffer.from(memory);
                const length = readSync(file, chunk, 0, CHUNK_BYTES, position);
                if (length === 0) {
                    return null;
                }
                position += length;
                count(length);
                yield chunk.subarray(0, length);
            }
            return position;
        } finally {
            closeSync(file);
        }
    }

    /** The thread's matches in the chunk, and the way to send it skeletons for later ones. */
    aheadOf(bytes: Buffer): ScannedAhead {
        const chunk = this.#numberOf(bytes);
        if (chunk !== -1) {
            this.#ahead.begin(bytes, chunk);
        }
        return this.#ahead;
    }

    /** Ends the thread: nothing more is to be read or hashed. */
    async close(): Promise<void> {
        await this.#worker?.terminate();
    }

    update(bytes: Buffer): void {
        const chunk = this.#numberOf(bytes);
        if (chunk === -1) {
            this.#tell({ bytes: Uint8Array.from(bytes) });
        } else {
            this.#tell({ chunk, from: bytes.byteOffset, to: bytes.byteOffset + bytes.length });
        }
    }

    digest(): () => string {
        const number = ++this.#digests;
        this.#tell({ digest: number });
        return () => {
            if (this.#untold.length > 0) {
                this.#send();
            }
            for (let seen = Atomics.load(this.#answered, 0); seen !== number; ) {
                Atomics.wait(this.#answered, 0, seen, ANSWER_MS_MAX);
                const now = Atomics.load(this.#answered, 0);
                if (now === seen) {
                    throw new Error('the reading thread does not answer');
                }
                seen = now;
            }
            return Buffer.from(this.#hash, Int32Array.BYTES_PER_ELEMENT).toString('hex');
        };
    }

    /** Number of the chunk that holds the bytes; -1: none. */
    #numberOf(bytes: Buffer): number {
        return this.#memory.indexOf(bytes.buffer as unknown as SharedArrayBuffer);
    }

    #start(): Worker {
        if (this.#worker !== null) {
            return this.#worker;
        }
        // Beside this module, with the same file extension: built or not.
        const script = new URL(`./reading-worker${import.meta.url.slice(-3)}`, import.meta.url);
        const workerData: ThreadData = {
            path: this.#path,
            chunks: this.#memory,
            ahead: this.#aheadMemory,
            hash: this.#hash,
        };
        const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 };
        // Loaded lazily: only large files use a thread.
        const { Worker } = process.getBuiltinModule('node:worker_threads');
        this.#worker = new Worker(script, { workerData, resourceLimits });
        return this.#worker;
    }

    /** Messages are sent together, which costs a quarter of sending them one by one. */
    #tell(message: ToThread): void {
        this.#untold.push(message);
    }

    #send(): void {
        this.#start().postMessage(this.#untold);
        this.#untold = [];
    }
}
