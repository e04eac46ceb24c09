/** How long a property may run and shrink; a replay and a lengthened run take the time that they need. */
const TIME_MAX_MS = 45_000;

/**
 * Parameters of a fast-check property: `short` runs by default; `FC_RUNS=n` runs n instead, and `FC_SEED=n` (with
 * the path that a failure prints in `FC_PATH`) replays one.
 */
export function propertyRuns(short: number): {
    numRuns: number;
    seed?: number;
    path?: string;
    interruptAfterTimeLimit?: number;
} {
    const { FC_RUNS, FC_SEED, FC_PATH } = process.env;
    return {
        numRuns: FC_RUNS === undefined ? short : Number(FC_RUNS),
        ...(FC_RUNS === undefined && FC_SEED === undefined ? { interruptAfterTimeLimit: TIME_MAX_MS } : {}),
        ...(FC_SEED === undefined ? {} : { seed: Number(FC_SEED) }),
        ...(FC_PATH === undefined ? {} : { path: FC_PATH }),
    };
}
