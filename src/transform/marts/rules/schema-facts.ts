import type { ParsedSelect } from '../../../sql/grammar/parse-select.ts';

/** What the rules must know of a table. Names are compared in lower case. */
export interface TableFacts {
    /** As it is written in the schema. */
    readonly name: string;
    readonly columns: readonly ColumnFacts[];
    readonly images: Images;
    /** The first columns of its indexes, in lower case, in their order: what an equal column finds rows by. */
    readonly indexes: readonly (readonly string[])[];
    /** Its columns hold nothing but their declared types. */
    readonly isStrict: boolean;
    /** A column compares text otherwise than by bytes. */
    readonly isCollated: boolean;
}

export interface ColumnFacts {
    readonly name: string;
    /** The declared type in lower case. */
    readonly type: string;
    readonly affinity: Affinity;
    readonly isRequired: boolean;
}

/** How a value is compared. `mixed`: one of several, and SQLite does not promise which. */
export type Affinity = 'integer' | 'real' | 'text' | 'numeric' | 'none' | 'mixed';

/** Where the rows of a table stand that a run touched. */
export type Images =
    /** Old and new ones in this table, by triggers, with these columns (in lower case). */
    | { readonly kind: 'recorded'; readonly table: string; readonly columns: ReadonlySet<string> }
    /** Staging is append-only: the rows behind the watermark. */
    | { readonly kind: 'staged' }
    /** Nowhere; whether the model that fills it has run can be asked. */
    | { readonly kind: 'unrecorded'; readonly model: string }
    /** Nowhere, and nobody need know: where its model runs, what reads it is filled from scratch. */
    | { readonly kind: 'refilled' }
    /** No model fills it: nothing tells of a change. */
    | { readonly kind: 'unfilled' };

/** What an index is made for, where the schema has none that begins with one of its columns. */
export interface WantedIndex {
    readonly table: TableFacts;
    /** Columns, or expressions over them, as SQL. */
    readonly columns: readonly string[];
}

/** What the rules may ask of the schema; names in any case. */
export interface SchemaFacts {
    readonly table: (name: string) => TableFacts | undefined;
    readonly view: (name: string) => ParsedSelect | undefined;
    readonly isAggregate: (functionName: string, argumentCount: number) => boolean;
    /** The same arguments give the same result at any time. */
    readonly isConstant: (functionName: string) => boolean;
}
