import type { CurrentColumn } from '../../transform/current/current-spec.ts';

/** A column of a current table on an engine. */
export interface FoldColumn extends CurrentColumn {
    /** The column with the document that its values were read from: where that is left out, so is this. */
    readonly document?: string;
}

/** What one source has staged of a relation, as an engine sees it, with the facts that decide which steps a fold needs. */
export interface StagedHistory {
    /** What follows `stg_`, `current_` and `fold_` in the names of the relation's tables. */
    readonly tail: string;
    /**
     * A table or view of the engine with the changes: `_seq`, `_op`, `_absent`, for each column of the key `_old_<column>`
     * with the value that an update has replaced (null where it has not), then the columns.
     */
    readonly changes: string;
    readonly key: readonly string[];
    /** The columns of the current table, in its order; after them those that hold values out of its documents. */
    readonly columns: readonly FoldColumn[];
    /** Changes up to here do not count: it was truncated then, or never (0). */
    readonly since: number;
    /** Changes after it are of a source transaction that has not landed whole. */
    readonly whole: number;
    /**
     * The rows of an earlier fold, a table or view of the engine with all of `columns`, and the `_seq` up to which it had
     * taken changes in: only those after it are read. The facts below are about these then.
     */
    readonly before?: { readonly rows: string; readonly watermark: number } | undefined;
    /** Some of them leave columns out. */
    readonly hasPatches: boolean;
    /** Some of them give a row another key. */
    readonly hasMoves: boolean;
    /** Some of them do both. */
    readonly hasDrags: boolean;
}
