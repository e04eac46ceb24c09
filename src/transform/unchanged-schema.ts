import { createdObject, droppedObject, type SchemaObject } from '../sql/schema-object.ts';
import type { SqlStatement } from '../sql/statements.ts';
import type { Database } from '../sqlite/database.ts';

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
        const old = droppedObject(sql);
        if (old !== undefined) {
            dropped.add(keyOf(old));
            // Dropping a view drops its triggers.
            for (const name of old.type === 'view' ? (triggers.all(old.name) as string[]) : []) {
                dropped.add(keyOf({ type: 'trigger', name }));
            }
            return old.isConditional && old.schema === '' && (old.type === 'view' || old.type === 'trigger');
        }
        const created = createdObject(sql);
        // A temporary object is in another schema.
        if (created === undefined || created.schema !== '' || !['', 'unique'].includes(created.modifier)) {
            return false;
        }
        const there = stored.get(created.type, created.name) as string | undefined;
        // SQLite stores the text from the name on; `if not exists` creates nothing if the name is taken.
        const isSame = dropped.delete(keyOf(created))
            ? there === `CREATE ${created.type.toUpperCase()} ${sql.slice(created.nameOffset).replace(/\s*;$/, '')}`
            : created.isConditional;
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

function keyOf({ type, name }: Pick<SchemaObject, 'type' | 'name'>): string {
    return `${type} ${name}`.toLowerCase();
}
