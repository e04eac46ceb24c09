import type { Mutant } from './mutants.ts';

/** What may be taken out without a wrong row, and why it stands in the SQL all the same. */
export interface Explained {
    readonly kind: Mutant['kind'];
    /** Found in what was taken out. */
    readonly removed: RegExp;
    readonly why: string;
}

export const EXPLAINED: readonly Explained[] = [];

/** The explanation of a mutant that no history gives away; undefined if there is none. */
export function explanationOf(mutant: Mutant): string | undefined {
    return EXPLAINED.find(({ kind, removed }) => kind === mutant.kind && removed.test(mutant.removed))?.why;
}
