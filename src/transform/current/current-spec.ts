/** What the SQL of a current table is generated from: everything that the file depends on. */
export interface CurrentSpec {
    /** What follows `stg_`, `current_`, `changed_`, `fold_` in the names of this relation's tables. */
    readonly tail: string;
    readonly schema: string;
    readonly table: string;
    /** What the relation is, in words of the source or of a person; one line. */
    readonly why?: string | undefined;
    /** Column names of the key, in its order; at least one. */
    readonly key: readonly string[];
    /** Every source column in the order of the file. */
    readonly columns: readonly CurrentColumn[];
    /** The key that the file names in its head, where there is a file; the stream may have moved on. */
    readonly keyInFile?: readonly string[];
    /** The key was chosen by a person, although the stream does not name rows by it. */
    readonly isChosen?: boolean;
    /** The key has changed in some history that the file folds; undefined: it is the same from the first change on. */
    readonly history?: KeyHistory | undefined;
}

export interface CurrentColumn {
    readonly name: string;
    /** The declared type in the staging table. `ANY` (retyped in flight) becomes TEXT in the current table. */
    readonly type: 'INTEGER' | 'REAL' | 'TEXT' | 'ANY';
    /** The file names it, but no change has contained it yet: null until one does. */
    readonly unseen?: boolean;
}

/** How the key has changed. At which `_seq` is not in the file, but in `elt_keys` of each database. */
export interface KeyHistory {
    /** The other keys by which rows were named. */
    readonly earlier: readonly (readonly string[])[];
    /** Columns of a key that were retyped, so that rows that are not written again may have another text. */
    readonly retyped: readonly string[];
    /** What a person decided about changes that cannot be followed with certainty. */
    readonly decisions: readonly KeyDecision[];
}

/** What becomes of the rows from before a change of the key. */
export interface KeyDecision {
    /** The key before the change. */
    readonly was: readonly string[];
    /** The key after it; the same as `was` where a column of it was retyped. */
    readonly now: readonly string[];
    /** They stay as they are, they go, or columns get a value (`set column = sql`). */
    readonly rows: 'keep' | 'anew' | readonly Assignment[];
}

export interface Assignment {
    readonly column: string;
    /** A SQL expression of the row's columns. */
    readonly sql: string;
}
