/**
 * How our tables and columns are called after PostgreSQL's. SQLite compares names without regard to ASCII case,
 * PostgreSQL does not, and names that begin with `_` are ours: where two names would be one, the later gets a number.
 */

/** `<table>` in schema `public`, else `<schema>__<table>`; with `_2`, `_3` … where that name is taken. */
export function stagingTail(schema: string, table: string, taken: (tail: string) => boolean): string {
    return freeName(schema === 'public' ? table : `${schema}__${table}`, taken);
}

/** SQLite's own names for a row's number: no column can be added under them. */
const ROW_NUMBERS = new Set(['rowid', 'oid']);

/** The column's own name; `_seq` becomes `col_seq`, `oid` `col_oid`; with `_2`, `_3` … where that name is taken. */
export function stagingColumn(name: string, taken: (column: string) => boolean): string {
    const isOurs = name.startsWith('_');
    const isRowNumber = ROW_NUMBERS.has(foldedName(name));
    return freeName(isOurs ? `col${name}` : isRowNumber ? `col_${name}` : name, taken);
}

/** Two names that SQLite takes for one have the same folded name. */
export function foldedName(name: string): string {
    return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function freeName(wanted: string, taken: (name: string) => boolean): string {
    // SQLite keeps names up to the first NUL only, and PostgreSQL has none in names: a hand-made stream might.
    const base = wanted.replaceAll('\0', '%00');
    let name = base;
    for (let suffix = 2; taken(name); suffix++) {
        name = `${base}_${suffix}`;
    }
    return name;
}
