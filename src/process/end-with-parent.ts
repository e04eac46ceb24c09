/** What tells a process that it belongs to another one, and ends with it. */
export const BELONGS_TO_PARENT = 'ELT_BELONGS_TO_PARENT';

const LOOK_MS = 500;
const LOOK_AT_MEMORY_MS = 10;

/** What else ends the process: more resident memory than that, by a signal that tells why. */
interface MemoryLimit {
    readonly residentBytesMax: number;
    readonly signal: NodeJS.Signals;
}

/**
 * Ends this process when its parent is gone, even while a SQL statement runs and blocks this process's event loop: an
 * endless statement would otherwise run on as an orphan.
 *
 * With a limit it also ends when its memory exceeds that, from the same thread: a statement can ask for hundreds of
 * megabytes in one call of a function. Memory is checked only while the process works, which it says by calling what
 * this returns.
 */
export function endWithParent(limit?: MemoryLimit): (isWorking: boolean) => void {
    // Loaded lazily: most processes need no thread, and loading the module takes 3 ms.
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    const work = new Int32Array(new SharedArrayBuffer(4));
    new Worker(
        `const { workerData } = require('node:worker_threads');
        const { work, parent, limit } = workerData;
        const never = new Int32Array(new SharedArrayBuffer(4));
        for (let looked = 0; ; ) {
            // Wakes as soon as there is work.
            Atomics.wait(work, 0, 0, ${LOOK_MS});
            if (limit !== null && Atomics.load(work, 0) === 1) {
                if (process.memoryUsage.rss() > limit.residentBytesMax) {
                    process.kill(process.pid, limit.signal);
                }
                Atomics.wait(never, 0, 0, ${LOOK_AT_MEMORY_MS});
            }
            if (performance.now() - looked > ${LOOK_MS}) {
                looked = performance.now();
                process.ppid === parent || process.kill(process.pid, 'SIGKILL');
            }
        }`,
        // This thread needs little memory.
        {
            eval: true,
            workerData: { work, parent: process.ppid, limit: limit ?? null },
            resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
        },
    ).unref();
    return (isWorking) => {
        Atomics.store(work, 0, isWorking ? 1 : 0);
        if (isWorking) {
            Atomics.notify(work, 0);
        }
    };
}
