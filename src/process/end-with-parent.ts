const LOOK_MS = 500;

/**
 * Ends this process when the one that started it is gone, even while a SQL statement runs, which nothing else of this
 * process does meanwhile: a statement without end would otherwise run on, and nobody would know whose it is.
 */
export function endWithParent(): void {
    // Asked for here: most processes need no thread, and loading what makes them takes 3 ms.
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    new Worker(
        `const parent = ${process.ppid};
        setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGKILL'), ${LOOK_MS});`,
        // A thread that does so little needs little.
        { eval: true, resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 } },
    ).unref();
}
