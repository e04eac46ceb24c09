import { sqlTokens } from '../sql/tokens.ts';
import type { Database } from './database.ts';
import { tablesTouched } from './tables-touched.ts';

/** It reveals the place of the database on this machine. */
const PATHS = 'pragma_database_list';

/**
 * What a SELECT reads of elt's own that `named` does not hold: control tables, which know paths of sources and bytes
 * that were put aside, and the path of the database. Views are followed; `pragma_…` functions in views are refused by
 * SQLite itself where `trusted_schema` is off.
 */
export function unnamedReads(database: Database, sql: string, named: readonly string[]): readonly string[] {
    const tokens = sqlTokens(sql);
    const variables = tokens.flatMap(({ kind, text }) => (kind === 'variable' ? [[text.slice(1), null] as const] : []));
    const { reads } = tablesTouched(database, sql, Object.fromEntries(variables));
    const control = reads.filter((name) => name.toLowerCase().startsWith('elt_'));
    const paths = tokens.some(({ text }) => text.replace(/^["`[]|["`\]]$/g, '').toLowerCase() === PATHS);
    return [...control, ...(paths ? [PATHS] : [])].filter((name) => !named.includes(name));
}

/** The sentence for it. */
export function unnamedText(names: readonly string[]): string {
    return `it reads ${names.map((name) => `"${name}"`).join(', ')}, which its head does not name`;
}
