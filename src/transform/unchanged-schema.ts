import type { SqlStatement } from '../sql/statements.ts';
import type { Database } from '../sqlite/database.ts';

/** Plain names only, nothing temporary: what is written otherwise is run as it stands. */
const CREATE = /^create\s+(?:unique\s+)?(view|trigger|table|index)\s+(if\s+not\s+exists\s+)?((\w+)\b.*?)\s*;$/is;
const DROP = /^drop\s+(view|trigger)\s+if\s+exists\s+(\w+)\s*;$/i;

/**
 * Whether running a file's `drop` and `create` would leave the schema as it is: all that they make is there, word for
 * word, nothing else goes with what they drop, and no other statement runs while something is dropped. They take a
 * third of the models' time in a run of a few changes, and make every connection read the schema anew.
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
                // They go with their view.
                if (dropType.toLowerCase() === 'view') {
                    dropped.add(keyOf('trigger', trigger));
                }
            }
            return true;
        }
        const [, type = '', unless, text, name = ''] = CREATE.exec(sql) ?? [];
        const there = stored.get(type.toLowerCase(), name) as string | undefined;
        // SQLite keeps the words from the name on; where the name is taken `if not exists` makes nothing.
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

/** What `isUnchangedSchema` answers for, and what is left out when it says yes. */
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
