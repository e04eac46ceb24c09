/**
 * Parameters of a fast-check property: `short` runs by default; `FC_RUNS=n` runs n instead, and `FC_SEED=n` (with
 * the path that a failure prints in `FC_PATH`) replays one.
 */
export function propertyRuns(short: number): { numRuns: number; seed?: number; path?: string } {
    const { FC_RUNS, FC_SEED, FC_PATH } = process.env;
    return {
        numRuns: FC_RUNS === undefined ? short : Number(FC_RUNS),
        ...(FC_SEED === undefined ? {} : { seed: Number(FC_SEED) }),
        ...(FC_PATH === undefined ? {} : { path: FC_PATH }),
    };
}
