/** What the SQL of a current table is generated from: everything that the file depends on. */
export interface CurrentSpec {
    /** What follows `stg_`, `current_`, `changed_`, `fold_` in the names of this relation's tables. */
    readonly tail: string;
    readonly schema: string;
    readonly table: string;
    /** Column names of the key, in its order; at least one. */
    readonly key: readonly string[];
    /** Every source column in the order of the file. */
    readonly columns: readonly CurrentColumn[];
}

export interface CurrentColumn {
    readonly name: string;
    /** The declared type in the staging table. `ANY` (retyped in flight) becomes TEXT in the current table. */
    readonly type: 'INTEGER' | 'REAL' | 'TEXT' | 'ANY';
    /** The file names it, but no change has contained it yet: null until one does. */
    readonly unseen?: boolean;
}
