import type { SqlStatement } from '../sql/statements.ts';
import type { Database } from '../sqlite/database.ts';

/** Only plain names, nothing temporary: a statement that does not match is run. */
const CREATE = /^create\s+(?:unique\s+)?(view|trigger|table|index)\s+(if\s+not\s+exists\s+)?((\w+)\b.*?)\s*;$/is;
const DROP = /^drop\s+(view|trigger)\s+if\s+exists\s+(\w+)\s*;$/i;

/**
 * Whether a file's `drop` and `create` statements would leave the schema unchanged: everything they create exists with
 * the same text, they drop nothing else, and no other statement runs in between. They take a third of the models' time
 * in a run of a few changes, and make every connection read the schema again.
 */
export function isUnchangedSchema(database: Database, statements: readonly SqlStatement[]): boolean {
    const stored = database.prepare('select sql from sqlite_schema where type = ? and name = ?').pluck();
    const triggers = database.prepare("select name from sqlite_schema where type = 'trigger' and tbl_name = ?").pluck();
    const dropped = new Set<string>();
    const isAsBefore = ({ sql }: SqlStatement): boolean => {
        const [, dropType = '', dropName] = DROP.exec(sql) ?? [];
        if (dropName !== undefined) {
            dropped.add(keyOf(dropType, dropName));
            for (const trigger of triggers.all(dropName) as string[]) {
                // Dropping a view drops its triggers.
                if (dropType.toLowerCase() === 'view') {
                    dropped.add(keyOf('trigger', trigger));
                }
            }
            return true;
        }
        const [, type = '', unless, text, name = ''] = CREATE.exec(sql) ?? [];
        const there = stored.get(type.toLowerCase(), name) as string | undefined;
        // SQLite stores the text from the name on; `if not exists` creates nothing if the name is taken.
        const isSame = dropped.delete(keyOf(type, name))
            ? there === `CREATE ${type.toUpperCase()} ${text}`
            : unless !== undefined;
        return there !== undefined && isSame;
    };
    return (
        statements.every((statement) => (isOfSchema(statement) ? isAsBefore(statement) : dropped.size === 0)) &&
        dropped.size === 0
    );
}

/** Statements that `isUnchangedSchema` covers, which are skipped if it returns true. */
export function isOfSchema({ kind }: SqlStatement): boolean {
    return !DATA_KINDS.has(kind);
}

const DATA_KINDS: ReadonlySet<SqlStatement['kind']> = new Set([
    'delete',
    'insert',
    'replace',
    'select',
    'update',
    'values',
]);

function keyOf(type: string, name: string): string {
    return `${type} ${name}`.toLowerCase();
}
