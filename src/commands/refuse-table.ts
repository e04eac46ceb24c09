import { EltError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-name.ts';
import type { Database } from '../sqlite/database.ts';

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
            found: didYouMean(table, names),
            next: 'see "elt status"',
        });
    }
}
