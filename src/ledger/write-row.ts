import type { SqlValue } from '../core/stream-event.ts';
import type { Database } from '../sqlite/database.ts';
import { kept } from '../sqlite/kept-statements.ts';

/** A row of a control table, by the names of its columns. */
type Row = Readonly<Record<string, SqlValue | Buffer>>;

/** Inserts a row; returns its rowid. */
export function insertRow(database: Database, table: string, row: Row): number {
    return Number(kept(database, insertSql(table, row)).run(row).lastInsertRowid);
}

/** Inserts a row, or replaces the columns of the row with the same `key`. */
export function saveRow(database: Database, table: string, key: readonly string[], row: Row): void {
    const set = Object.keys(row)
        .filter((name) => !key.includes(name))
        .map((name) => `${name} = excluded.${name}`);
    const conflict = `on conflict (${key.join(', ')}) do update set ${set.join(', ')}`;
    kept(database, `${insertSql(table, row)} ${conflict}`).run(row);
}

/** Sets columns of the rows where those of `where` have these values. */
export function updateRows(database: Database, table: string, set: Row, where: Row): void {
    const equal = (row: Row): string[] => Object.keys(row).map((name) => `${name} = :${name}`);
    const only = Object.keys(where).length === 0 ? '' : ` where ${equal(where).join(' and ')}`;
    kept(database, `update ${table} set ${equal(set).join(', ')}${only}`).run({ ...set, ...where });
}

function insertSql(table: string, row: Row): string {
    const names = Object.keys(row);
    return `insert into ${table} (${names.join(', ')}) values (${names.map((name) => `:${name}`).join(', ')})`;
}
