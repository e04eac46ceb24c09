/** A rule of the generator of upkeep taken out: `find` stands once in the file, and `instead` takes its place. */
export interface RuleMutant {
    /** Which rule, in words. */
    readonly rule: string;
    /** Below `src/transform/marts/`. */
    readonly file: string;
    readonly find: string;
    readonly instead: string;
    /** What gives it away: keys that are missed, a narrowed SELECT with other rows, or a mart with other rows. */
    readonly check: 'keys' | 'narrowing' | 'upkeep';
    /** Why it may survive. */
    readonly explanation?: string;
}
