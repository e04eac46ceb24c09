import Database from 'better-sqlite3';
import { landedRelations, quote, relationId, tableNames } from './current-tables.ts';
import type { Elt } from './elt.ts';
import type { PostgresTable } from './postgres-rows.ts';

/**
 * Runs `elt scaffold` where a relation with a key has no current table yet (or where `anyway` says so).
 * Where the stream cannot tell the key yet, it is named with `--key`, as a user would; else `--all` has to find it.
 */
export async function scaffoldMissing(elt: Elt, tables: readonly PostgresTable[], anyway: boolean): Promise<boolean> {
    const missing = missingRelations(elt.options.database, tables);
    if (missing.length === 0 && !anyway) {
        return false;
    }
    for (const { relation, key } of missing.filter(({ told }) => !told)) {
        await elt.run(['scaffold', relation, '--key', key]);
    }
    await elt.run(['scaffold', '--all']);
    return true;
}

interface Missing {
    readonly relation: string;
    readonly key: string;
    readonly told: boolean;
}

function missingRelations(file: string, tables: readonly PostgresTable[]): Missing[] {
    const database = new Database(file, { readonly: true });
    try {
        const landed = landedRelations(database);
        const present = new Set(tableNames(database, 'current_*'));
        return tables.flatMap((table) => {
            const relation = landed.get(relationId(table.schema, table.name));
            const key = table.key.map((name) => relation?.columns.get(name)?.columnName);
            if (
                relation === undefined ||
                present.has(relation.currentTable) ||
                key.length === 0 ||
                key.includes(undefined)
            ) {
                return [];
            }
            const names = key.map((name) => quotePart(name as string)).join(',');
            const told = tellsKey(relation.primaryKey, relation.identity, table.key);
            return [{ relation: `${quotePart(table.schema)}.${quotePart(table.name)}`, key: names, told }];
        });
    } finally {
        database.close();
    }
}

/** Whether primary key and old keys, as far as the stream has shown them, leave no doubt about the key. */
function tellsKey(primaryKey: string | null, identity: string | null, key: readonly string[]): boolean {
    const wanted = [...key].sort().join('\0');
    const isKey = (names: string | null): boolean =>
        names !== null && (JSON.parse(names) as string[]).sort().join('\0') === wanted;
    return isKey(identity) || isKey(primaryKey);
}

/** As PostgreSQL quotes a name. */
function quotePart(name: string): string {
    return /^[a-z_][a-z0-9_]*$/.test(name) ? name : quote(name);
}
