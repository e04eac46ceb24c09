const LOOK_MS = 500;

/**
 * Ends this process when its parent is gone, even while a SQL statement runs and blocks this process's event loop: an
 * endless statement would otherwise run on as an orphan.
 */
export function endWithParent(): void {
    // Loaded lazily: most processes need no thread, and loading the module takes 3 ms.
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    new Worker(
        `const parent = ${process.ppid};
        setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGKILL'), ${LOOK_MS});`,
        // This thread needs little memory.
        { eval: true, resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 } },
    ).unref();
}
