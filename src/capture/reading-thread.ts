import type { Worker } from 'node:worker_threads';
import type { RunningHash } from './running-hash.ts';

const CHUNK_BYTES = 512 * 1024;
/** One that is framed, one that is hashed, one that is read. */
const CHUNKS = 3;
const HASH_BYTES = 32;
/** A thread that does not answer for so long is a mistake of ours. */
const ANSWER_MS_MAX = 60_000;

/** What the thread is told. */
export type ToThread =
    /** Read into that chunk; its bytes are no longer needed. */
    | { readonly read: number }
    /** Take these bytes in: of a chunk, or given. */
    | { readonly chunk: number; readonly from: number; readonly to: number }
    | { readonly bytes: Uint8Array }
    /** Put the hash of what was taken in by now into the shared memory, under that number. */
    | { readonly digest: number };

/** What the thread tells: so many bytes are in a chunk (0: the file has ended), or why it cannot read. */
export type FromThread = { readonly chunk: number; readonly length: number } | { readonly error: Error };

/** What the thread begins with. `hash`: the number of the last digest (32 bits), then its bytes. */
export interface ThreadData {
    readonly path: string;
    readonly chunks: readonly SharedArrayBuffer[];
    readonly hash: SharedArrayBuffer;
}

/**
 * Reads and hashes a large file in a thread of its own, which is a fifth of a landing's work. Chunks lie in shared
 * memory, so nothing is copied; the thread does what it is told in order, so a chunk is hashed before it is read anew.
 */
export class ReadingThread implements RunningHash {
    readonly #path: string;
    readonly #memory = Array.from({ length: CHUNKS }, () => new SharedArrayBuffer(CHUNK_BYTES));
    readonly #hash = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT + HASH_BYTES);
    readonly #answered = new Int32Array(this.#hash, 0, 1);
    #worker: Worker | null = null;
    #digests = 0;

    constructor(path: string) {
        this.#path = path;
    }

    /** The file's bytes; a chunk is valid until the next is asked for. */
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
        for (;;) {
            const message = told.shift();
            if (message === undefined) {
                await new Promise<void>((resolve) => {
                    wake = resolve;
                });
                continue;
            }
            if ('error' in message) throw message.error;
            if (message.length === 0) return;
            count(message.length);
            yield Buffer.from(this.#memory[message.chunk] as SharedArrayBuffer, 0, message.length);
            this.#tell({ read: message.chunk });
        }
    }

    /** Ends the thread: there is nothing more to read or to hash. */
    async close(): Promise<void> {
        await this.#worker?.terminate();
    }

    update(bytes: Buffer): void {
        const chunk = this.#memory.indexOf(bytes.buffer as unknown as SharedArrayBuffer);
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
            for (let seen = Atomics.load(this.#answered, 0); seen !== number; ) {
                Atomics.wait(this.#answered, 0, seen, ANSWER_MS_MAX);
                const now = Atomics.load(this.#answered, 0);
                if (now === seen) throw new Error('the reading thread does not answer');
                seen = now;
            }
            return Buffer.from(this.#hash, Int32Array.BYTES_PER_ELEMENT).toString('hex');
        };
    }

    #start(): Worker {
        if (this.#worker !== null) return this.#worker;
        // Beside this module, under the ending that it has itself: built or not.
        const script = new URL(`./reading-worker${import.meta.url.slice(-3)}`, import.meta.url);
        const workerData: ThreadData = { path: this.#path, chunks: this.#memory, hash: this.#hash };
        const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 };
        // Asked for here: only large files are read by a thread.
        const { Worker } = process.getBuiltinModule('node:worker_threads');
        this.#worker = new Worker(script, { workerData, resourceLimits });
        return this.#worker;
    }

    #tell(message: ToThread): void {
        this.#start().postMessage(message);
    }
}
