import { join } from 'node:path';
import { unfilledOf } from '../../ledger/filled-marts.ts';
import { sqlFileNames } from '../../project/sql-files.ts';
import type { Database } from '../../sqlite/database.ts';

/** Marts whose answers would be wrong: see `unfilledOf`. Names are in lower case. */
export function unfilledMarts(database: Database, sqlFolder: string, pipeline: string): ReadonlySet<string> {
    const names = sqlFileNames(join(sqlFolder, pipeline, 'marts')).map((name) => name.slice(0, -'.sql'.length));
    return new Set(unfilledOf(database, names).map((name) => name.toLowerCase()));
}
