import Database from 'better-sqlite3';
import { landedRelations, relationId, tableNames } from './current-tables.ts';
import type { Elt } from './elt.ts';
import type { PostgresTable } from './postgres-rows.ts';

/**
 * Runs `elt scaffold` where a relation with a key has no current table yet (or where `anyway` says so).
 * A key that the stream does not tell (identity FULL in format 1, unique index) is named with `--key`, as a user would.
 */
export async function scaffoldMissing(elt: Elt, tables: readonly PostgresTable[], anyway: boolean): Promise<boolean> {
    const missing = missingRelations(elt.options.database, tables);
    if (missing.length === 0 && !anyway) {
        return false;
    }
    await elt.run(['scaffold', '--all']);
    for (const { table, key } of missing) {
        await elt.run(['scaffold', table, '--key', key]);
    }
    return true;
}

function missingRelations(file: string, tables: readonly PostgresTable[]): { table: string; key: string }[] {
    const database = new Database(file, { readonly: true });
    try {
        const landed = landedRelations(database);
        const present = new Set(tableNames(database, 'current_*'));
        return tables.flatMap((table) => {
            const relation = landed.get(relationId(table.schema, table.name));
            const keyColumns = table.key.map((name) => relation?.columns.get(name)?.columnName);
            if (
                relation === undefined ||
                present.has(relation.currentTable) ||
                keyColumns.length === 0 ||
                keyColumns.includes(undefined)
            ) {
                return [];
            }
            const key = keyColumns.map((name) => quotePart(name as string)).join(',');
            return [{ table: `${quotePart(table.schema)}.${quotePart(table.name)}`, key }];
        });
    } finally {
        database.close();
    }
}

/** As PostgreSQL quotes a name. */
function quotePart(name: string): string {
    return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
