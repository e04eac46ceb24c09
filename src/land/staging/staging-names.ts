/**
 * Names of staging tables and columns, derived from PostgreSQL's. SQLite ignores ASCII case in names, PostgreSQL does
 * not, and names that begin with `_` are reserved: where two names would collide, the later one gets a number.
 */

/** `<table>` in schema `public`, else `<schema>__<table>`; with `_2`, `_3` … where that name is taken. */
export function stagingTail(schema: string, table: string, taken: (tail: string) => boolean): string {
    return freeName(schema === 'public' ? table : `${schema}__${table}`, taken);
}

/** SQLite's own names for the rowid; columns cannot be added under them. */
const ROW_NUMBERS = new Set(['rowid', 'oid']);

/** The column's own name (`_seq` becomes `col_seq`, `oid` becomes `col_oid`); with `_2`, `_3` … where it is taken. */
export function stagingColumn(name: string, taken: (column: string) => boolean): string {
    const isOurs = name.startsWith('_');
    const isRowNumber = ROW_NUMBERS.has(foldedName(name));
    return freeName(isOurs ? `col${name}` : isRowNumber ? `col_${name}` : name, taken);
}

/** Names that are equal to SQLite have the same folded name. */
export function foldedName(name: string): string {
    return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function freeName(wanted: string, taken: (name: string) => boolean): string {
    // SQLite cuts names at the first NUL. PostgreSQL allows none in names, but a stream written by hand may have one.
    const base = wanted.replaceAll('\0', '%00');
    let name = base;
    for (let suffix = 2; taken(name); suffix++) {
        name = `${base}_${suffix}`;
    }
    return name;
}

/** One text for a schema and a table. */
export function relationKey(schema: string, table: string): string {
    return JSON.stringify([schema, table]);
}

/** The name of the staging table where nothing else has it. */
export function plainStagingName(shape: { readonly schema: string; readonly table: string }): string {
    return shape.schema === 'public' ? `stg_${shape.table}` : `stg_${shape.schema}__${shape.table}`;
}
