/** Quoting for PostgreSQL. Source: https://www.postgresql.org/docs/current/sql-syntax-lexical.html */

export function quoteIdentifier(name: string): string {
    return `"${name.replaceAll('"', '""')}"`;
}

/** The names of a relation, each quoted: `"public"."orders"`. */
export function quoteRelation({ schema, table }: { readonly schema: string; readonly table: string }): string {
    return `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
}

/** A text without escapes of backslashes, as replication commands take it too. */
export function quoteLiteral(text: string): string {
    return `'${text.replaceAll("'", "''")}'`;
}
