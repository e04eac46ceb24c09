/** Something about a server or a table that matters before it is followed. */
export interface SourceFinding {
    /** `the server`, `the user "elt"`, `public.orders`. */
    readonly subject: string;
    readonly finding: string;
    /** What follows from it. */
    readonly effect: string;
    /** What changes it: statements to be run as they stand, by a role that may. */
    readonly sql: readonly string[];
    /** It cannot be followed like that. */
    readonly refuses: boolean;
}
