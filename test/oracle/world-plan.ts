import { Random } from '../support/random.ts';
import type { CaptureOptions } from './capture.ts';
import type { CoverageCase } from './coverage.ts';
import { NOTE_PREFIX } from './step.ts';

/** What a seed decides before anything happens. Four seeds in a row meet both pipelines in both formats. */
export interface WorldPlan {
    readonly seed: number;
    /** Name of the PostgreSQL database. */
    readonly database: string;
    readonly pipeline: 'payments' | 'gen';
    readonly format: 1 | 2;
    readonly positions: boolean;
    /** False where format 2 leaves out the beginnings and ends of transactions. */
    readonly showsTransactions: boolean;
    /** Columns have defaults, and wal2json writes them: then a line is the only frame that it cannot break. */
    readonly showsDefaults: boolean;
    readonly captureOptions: CaptureOptions;
    readonly cases: readonly CoverageCase[];
}

export function planWorld(seed: number): WorldPlan {
    const random = new Random(seed ^ 0x5eed);
    const pipeline = seed % 2 === 0 ? 'payments' : 'gen';
    const format = Math.floor(seed / 2) % 2 === 0 ? 2 : 1;
    const positions = random.chance(60);
    const some = (percent: number, ...names: readonly string[]): Record<string, string> =>
        Object.fromEntries(names.filter(() => random.chance(percent)).map((name) => [name, '1']));
    const showsTransactions = format === 1 || positions || random.chance(75);
    const captureOptions = {
        'format-version': String(format),
        // The notes of the workload are for the replay only.
        'filter-msg-prefixes': NOTE_PREFIX,
        ...(positions ? { 'include-lsn': '1' } : {}),
        ...some(50, 'include-xids', 'include-timestamp'),
        ...some(15, 'include-type-oids', 'include-not-null', 'include-column-positions', 'include-origin'),
        // A generated table's key is known from the stream; the payments pipeline names its own.
        ...(pipeline === 'gen' ? { 'include-pk': '1' } : some(50, 'include-pk')),
        ...(showsTransactions ? {} : { 'include-transaction': '0' }),
        ...(random.chance(10) ? { 'include-typmod': '0' } : {}),
    };
    const showsDefaults = random.chance(15);
    const cases: CoverageCase[] = [
        pipeline === 'payments' ? 'payments tables' : 'generated tables',
        format === 1 ? 'format 1' : 'format 2',
        positions ? 'with positions' : 'without positions',
    ];
    return {
        seed,
        database: `world_${seed}`,
        pipeline,
        format,
        positions,
        showsTransactions,
        showsDefaults,
        captureOptions: { ...captureOptions, ...(showsDefaults ? { 'include-default': '1' } : {}) },
        cases: showsDefaults ? [...cases, 'defaults in the stream'] : cases,
    };
}
