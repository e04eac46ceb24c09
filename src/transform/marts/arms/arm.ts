import type { Value } from '../rules/value.ts';
import type { Condition, Way } from '../rules/way.ts';

/** One of the SELECTs that find which keys a run's changes reach. */
export interface Arm {
    readonly way: Way;
    /** Occurrences of which changed rows are taken; one, but for keys that several tables make. */
    readonly starts: readonly number[];
    /** The tables gone through, the changed ones first. */
    readonly chain: readonly number[];
    readonly conditions: readonly Condition[];
    /** Equalities that follow from the conditions. */
    readonly implied: readonly Condition[];
    /** Where the key is read; undefined: any key may be reached, so all are compared where the arm finds a row. */
    readonly key: readonly Value[] | undefined;
}
