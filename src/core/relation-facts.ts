/**
 * What a relation looks like beyond what a replication stream says of it: requested from the server when the stream names it.
 * Plain data, so that a thread can hand it on.
 */
export interface RelationFacts {
    readonly oid: number;
    /** PostgreSQL's type text of each column in the order of the relation's message, as `format_type` gives it. */
    readonly types: readonly string[];
    /** Names of the primary key's columns in its order; empty: there is none; null: the relation is gone by now. */
    readonly primaryKey: readonly string[] | null;
    /** Texts of types that were not known before. */
    readonly newNames: TypeNames;
}

/**
 * Texts of types by `<oid>:<modifier>`. A type that was named once keeps that name: PostgreSQL sends nothing when an
 * enum is renamed, and a column has not changed by it.
 */
export type TypeNames = Readonly<Record<string, string>>;

export function typeKey(oid: number, modifier: number): string {
    return `${oid}:${modifier}`;
}
