import { quoteName } from '../sql/quote.ts';
import type { Database } from './database.ts';

/** What kind of object has a name: SQLite has tables and views in one space of names, in any case of letters. */
export function schemaKind(database: Database, name: string): 'table' | 'view' | undefined {
    return database
        .prepare("select type from sqlite_schema where type in ('table', 'view') and lower(name) = lower(?)")
        .pluck()
        .get(name) as 'table' | 'view' | undefined;
}

/** The statement that drops the table or view of a name; for a name that is free, one that does nothing. */
export function dropObject(database: Database, name: string): string {
    return `drop ${schemaKind(database, name) ?? 'table'} if exists ${quoteName(name)}`;
}
