import type { Worker } from 'node:worker_threads';
import { EltError, type ErrorFacts } from '../../core/errors.ts';
import type { StreamRequest } from './replication-stream.ts';
import type { ServerErrorFacts } from './server-error.ts';

/** What the thread is told. */
export type ToStreamThread = { readonly confirm: string } | { readonly release: number } | { readonly close: true };

/** What the thread tells: frames of `stream-batch.ts`; the end of the stream, with the error that was its cause. */
export type FromStreamThread = { readonly batch: ArrayBuffer; readonly length: number } | { readonly ended: StreamEnd };

/** Null: it was closed. */
export type StreamEnd = { readonly known: ErrorFacts } | { readonly server: ServerErrorFacts } | null;

/** The thread may take this much longer to end than its farewell to the server. */
const END_MS_MAX = 1_500;

/**
 * A replication connection in a thread of its own, so that the server is answered while SQLite works. Owns the thread.
 * Batches are the caller's when `next` has given them; their memory is counted until `release`.
 */
export class StreamThread {
    readonly #worker: Worker;
    readonly #exited: Promise<void>;
    #batches: Buffer[] = [];
    #end: StreamEnd | undefined;
    #wake: () => void = () => undefined;

    constructor(request: StreamRequest) {
        // Beside this module, under the ending that it has itself: built or not.
        const script = new URL(`./stream-worker${import.meta.url.slice(-3)}`, import.meta.url);
        const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 };
        // Asked for here: most commands need no thread.
        const { Worker } = process.getBuiltinModule('node:worker_threads');
        this.#worker = new Worker(script, { workerData: request, resourceLimits });
        this.#worker.on('message', (message: FromStreamThread) => {
            if ('batch' in message) {
                this.#batches.push(Buffer.from(message.batch, 0, message.length));
            } else {
                this.#end = message.ended;
            }
            this.#wake();
        });
        this.#worker.on('error', (error) => {
            this.#end ??= {
                known: { code: 'BUG', message: 'the thread of the replication connection failed', cause: error.stack },
            };
            this.#wake();
        });
        this.#exited = new Promise((resolve) => {
            this.#worker.once('exit', () => resolve());
        });
    }

    /** How the stream has ended; undefined: it has not, or batches are left. */
    get ended(): StreamEnd | undefined {
        return this.#batches.length === 0 ? this.#end : undefined;
    }

    /** What has arrived; empty after `waitMs`, or when the stream has ended. Lets the event loop run. */
    async next(waitMs: number): Promise<readonly Buffer[]> {
        await new Promise((resolve) => setImmediate(resolve));
        if (this.#batches.length === 0 && this.#end === undefined && waitMs > 0) {
            await new Promise<void>((resolve) => {
                const timer = setTimeout(resolve, waitMs);
                this.#wake = () => {
                    clearTimeout(timer);
                    resolve();
                };
            });
            this.#wake = () => undefined;
        }
        const batches = this.#batches;
        this.#batches = [];
        return batches;
    }

    /** Ends a wait of `next` before its time. */
    wake(): void {
        this.#wake();
    }

    confirm(lsn: string): void {
        this.#tell({ confirm: lsn });
    }

    release(bytes: number): void {
        this.#tell({ release: bytes });
    }

    async close(): Promise<void> {
        this.#tell({ close: true });
        const timer = setTimeout(() => void this.#worker.terminate(), END_MS_MAX);
        await this.#exited;
        clearTimeout(timer);
    }

    #tell(message: ToStreamThread): void {
        this.#worker.postMessage(message);
    }
}

/** What a thread can hand on of an error. */
export function plainError(error: unknown, factsOf: (error: unknown) => ServerErrorFacts): StreamEnd {
    if (!(error instanceof EltError)) {
        return error === null ? null : { server: factsOf(error) };
    }
    const { cause, ...facts } = error.facts;
    return { known: { ...facts, cause: cause instanceof Error ? cause.message : cause } };
}
