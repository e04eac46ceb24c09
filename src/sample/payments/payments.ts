import { EltError } from '../../core/errors.ts';
import { randomSource } from '../../core/random-source.ts';
import { type SampleShape, sampleChunks } from '../sample-chunks.ts';
import { paymentsChanges } from './changes.ts';
import { paymentsInserts } from './inserts.ts';

export interface SampleOptions {
    /** Row changes to write; in `inserts` each is a record. Default 1,000. */
    readonly records?: number | undefined;
    /** Any whole number; the same seed gives the same bytes on every machine. Default 1. */
    readonly seed?: number | undefined;
    /** Default `array` for `inserts`, as the payments document's file is; `lines` for `changes`, as wal2json writes. */
    readonly shape?: SampleShape | undefined;
    /** `inserts`: format 1, inserts only. `changes`: format 2, with updates, deletes and key changes. */
    readonly mix?: 'inserts' | 'changes' | undefined;
}

/**
 * A stream in the shape of the payments document, as text in chunks of about 64 KiB. Memory does not grow with
 * `records`. By default it gives 529 rows of `metrics`, and 529 for each further 1,000 records; a longer sample of
 * inserts begins with the records of a shorter one.
 *
 * @throws EltError COMMAND_WRONG (at the call, not at the first chunk) if `records` or `seed` is not a whole number.
 */
export function samplePayments(options: SampleOptions = {}): Iterable<string> {
    const { records = 1000, seed = 1, mix = 'inserts' } = options;
    const shape = options.shape ?? (mix === 'inserts' ? 'array' : 'lines');
    assertWhole('records', records, 0);
    assertWhole('seed', seed, Number.MIN_SAFE_INTEGER);
    const random = randomSource(seed);
    const texts = mix === 'inserts' ? paymentsInserts(random, records) : paymentsChanges(random, records);
    return sampleChunks(texts, shape);
}

function assertWhole(option: string, value: number, least: number): void {
    if (!Number.isSafeInteger(value) || value < least) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `cannot create a sample with "${option}" ${value}`,
            found: `${value}; expected a whole number from ${least} to ${Number.MAX_SAFE_INTEGER}`,
            state: 'nothing was written',
            next: option === 'records' ? 'give a count, e.g. 1000' : 'give a seed, e.g. 1',
        });
    }
}
