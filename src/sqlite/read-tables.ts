import { EltError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-name.ts';
import { quoteName } from '../sql/quote.ts';
import type { Database } from './database.ts';

/** @throws EltError MODEL_UNKNOWN, with the nearest name, if the database has no such table or view. */
export function refuseUnknownTable(database: Database, table: string): void {
    const names = database
        .prepare("select name from sqlite_schema where type in ('table', 'view') order by name")
        .pluck()
        .all() as string[];
    if (!names.includes(table)) {
        throw new EltError({
            code: 'MODEL_UNKNOWN',
            message: `there is no table or view "${table}"`,
            found: sameTable(table, names) ?? didYouMean(table, names),
            next: 'see "elt status"',
        });
    }
}

/** `orders` and `shop.orders` name what is `current_orders` here, or `stg_shop__orders`. */
function sameTable(table: string, names: readonly string[]): string | undefined {
    const tail = table
        .toLowerCase()
        .replace(/^public\./, '')
        .replace('.', '__');
    const found = [`current_${tail}`, `stg_${tail}`].flatMap(
        (wanted) => names.find((name) => name.toLowerCase() === wanted) ?? [],
    );
    return found[0] === undefined ? undefined : `did you mean "${found[0]}"?`;
}

/** Whether there is a table, not a view, with that name. */
export function tableExists(database: Database, name: string): boolean {
    return database.prepare("select 1 from sqlite_schema where type = 'table' and name = ?").get(name) !== undefined;
}

/** Number of rows of a table or view that exists. */
export function rowCount(database: Database, table: string): number {
    return database
        .prepare(`select count(*) from ${quoteName(table)}`)
        .pluck()
        .get() as number;
}

/** The first rows of a table or view that exists; integers are bigints. */
export function firstRows(
    database: Database,
    table: string,
    limit: number,
): { readonly columns: readonly string[]; readonly rows: readonly (readonly unknown[])[] } {
    const statement = database
        .prepare(`select * from ${quoteName(table)} limit ?`)
        .raw()
        .safeIntegers();
    return { columns: statement.columns().map(({ name }) => name), rows: statement.all(limit) as unknown[][] };
}

/** What SQLite finds wrong with the file (`pragma integrity_check`); empty if it is sound. */
export function integrityFaults(database: Database): readonly string[] {
    const lines = database.pragma('integrity_check') as { readonly integrity_check: string }[];
    return lines.map((line) => line.integrity_check).filter((line) => line !== 'ok');
}
