import type { Worker } from 'node:worker_threads';
import type { ErrorFacts } from './errors.ts';

/** What a thread is started with, and who hears it. */
interface ThreadParts<From> {
    /** `import.meta.url` of the module that owns it: its program lies beside that. */
    readonly owner: string;
    readonly program: string;
    /** As after "the thread that": `copies rows`. */
    readonly does: string;
    readonly data: unknown;
    readonly heapMb: number;
    readonly youngMb: number;
    readonly hear: (message: From) => void;
    /** Called at most once: it has ended, and nobody has closed it. */
    readonly failed: (facts: ErrorFacts) => void;
}

/** A program in a thread of its own. Owns the thread. */
export class OwnThread<To, From> {
    readonly #worker: Worker;
    readonly #ended: Promise<void>;
    #isOver = false;

    constructor({ owner, program, does, data, heapMb, youngMb, hear, failed }: ThreadParts<From>) {
        // Loaded lazily: most commands need no thread.
        const { Worker } = process.getBuiltinModule('node:worker_threads');
        this.#worker = new Worker(
            // Under the ending that its owner has: built or not.
            new URL(`./${program}${owner.slice(-3)}`, owner),
            { workerData: data, resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: youngMb } },
        );
        const fail = (cause: string): void => {
            if (!this.#isOver) {
                this.#isOver = true;
                failed({ code: 'BUG', message: `the thread that ${does} failed`, cause });
            }
        };
        this.#worker.on('message', hear);
        this.#worker.once('error', (error) => fail(error.stack ?? String(error)));
        this.#ended = new Promise((resolve) => {
            this.#worker.once('exit', (code) => {
                fail(`it ended with ${code}`);
                resolve();
            });
        });
    }

    tell(message: To): void {
        this.#worker.postMessage(message);
    }

    /** Ends it, whatever it does; one that was asked to end has so long for it. */
    async close(graceMs = 0): Promise<void> {
        this.#isOver = true;
        const timer = setTimeout(() => void this.#worker.terminate(), graceMs);
        await this.#ended;
        clearTimeout(timer);
    }
}
