import Database from 'better-sqlite3';
import { type LandedRelation, landedRelations, relationId, tableNames } from './current-tables.ts';
import type { Elt } from './elt.ts';
import type { PostgresTable } from './postgres-rows.ts';

/**
 * Runs `elt scaffold --all` where the stream has told the key of a relation that has no current table yet (or where
 * `anyway` says so). Nothing that the stream has not told is said.
 */
export async function scaffoldMissing(elt: Elt, tables: readonly PostgresTable[], anyway: boolean): Promise<boolean> {
    if (!anyway && !someIsMissing(elt.options.database, tables)) {
        return false;
    }
    await elt.run(['scaffold', '--all']);
    return true;
}

function someIsMissing(file: string, tables: readonly PostgresTable[]): boolean {
    const database = new Database(file, { readonly: true });
    try {
        const landed = landedRelations(database);
        const present = new Set(tableNames(database, 'current_*'));
        return tables.some(({ schema, name, key }) => {
            const relation = landed.get(relationId(schema, name));
            return relation !== undefined && !present.has(relation.currentTable) && tellsKey(relation, key);
        });
    } finally {
        database.close();
    }
}

/** Whether primary key and old keys, as far as the stream has shown them, leave no doubt about the key. */
export function tellsKey({ columns, primaryKey, identity }: LandedRelation, key: readonly string[]): boolean {
    const wanted = [...key].sort().join('\0');
    const isKey = (names: string | null): boolean =>
        names !== null && (JSON.parse(names) as string[]).sort().join('\0') === wanted;
    return key.length > 0 && key.every((name) => columns.has(name)) && (isKey(identity) || isKey(primaryKey));
}
