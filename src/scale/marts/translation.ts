import type { ParsedSelect } from '../../sql/grammar/parse-select.ts';
import type { SqlExpression, SqlNode, SqlSelect } from '../../sql/grammar/sql-nodes.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { EngineColumn, EngineScope } from './engine-scope.ts';
import type { EngineType } from './engine-type.ts';

/** SQL of an engine with its type. */
export interface Translated {
    readonly sql: string;
    readonly type: EngineType;
}

/** A SELECT of an engine with its result columns. */
export interface TranslatedSelect {
    readonly sql: string;
    readonly columns: readonly EngineColumn[];
}

/** What the tables of a pipeline are to an engine. */
export interface EngineSchema {
    /** The columns of a table; undefined: the engine has none of that name. `as` is its name there. */
    readonly table: (name: string) => { readonly as: string; readonly columns: readonly EngineColumn[] } | undefined;
    readonly view: (name: string) => ParsedSelect | undefined;
}

/** One translation of a SELECT. It runs twice: what the outer parts ask of the inner ones is known the second time. */
export interface Translation {
    readonly dialect: Dialect;
    readonly schema: EngineSchema;
    /** Columns that a SELECT must give beside its own: values out of JSON that what reads it asks for. */
    readonly extras: Map<SqlSelect, Map<string, string>>;
    /** Views as they were parsed: a node stands for the same thing each time. */
    readonly views: Map<string, ParsedSelect | undefined>;
    readonly expression: (expression: SqlExpression, place: Place) => Translated;
    readonly select: (select: SqlSelect, names: EngineNames, outer: EngineScope | undefined) => TranslatedSelect;
    readonly refuse: (what: string, node: SqlNode, instead?: string) => never;
}

/** CTEs by their names in lower case. */
export type EngineNames = ReadonlyMap<string, { readonly as: string; readonly columns: readonly EngineColumn[] }>;

/** Where an expression stands. */
export interface Place {
    readonly scope: EngineScope;
    readonly names: EngineNames;
    /** The conditions of a "where" that must all hold: for them a null is the same as false. */
    readonly filters?: ReadonlySet<SqlExpression>;
}
