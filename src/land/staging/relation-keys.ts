import type { Shape, SqlValue } from '../../core/stream-event.ts';
import type { CatalogueRelation } from '../../ledger/catalogue.ts';
import { isOfPartition } from './partition-column.ts';

/**
 * Records what a change reveals about its relation's key; true if the catalogue has changed.
 *
 * A file does not name the kind of replica identity. An old key looks like a whole row (FULL) if it names every
 * live column; if the new row has no other column (format 1 leaves out null columns); or if it names more or fewer
 * columns than the one before, as rows with other nulls do.
 * Source: https://www.postgresql.org/docs/15/sql-altertable.html#SQL-ALTERTABLE-REPLICA-IDENTITY
 */
export function noteKeys(relation: CatalogueRelation, shape: Shape, values: readonly SqlValue[]): boolean {
    const { primaryKey, identity, identityFull } = relation;
    if (shape.primaryKey !== null && !sameNames(shape.primaryKey, primaryKey)) {
        relation.primaryKey = shape.primaryKey;
    }
    const old = shape.oldColumns.map((column) => column.name);
    if (shape.identity !== undefined) {
        relation.identity = shape.identity.columns.length === 0 ? null : shape.identity.columns;
        relation.identityFull = shape.identity.isFull;
    } else if (old.length > 0) {
        relation.identity = old;
        relation.identityFull =
            looksFull(relation, shape, old, values, identity) || (identityFull && isNested(old, identity));
    }
    return (
        !sameNames(relation.primaryKey, primaryKey) ||
        !sameNames(relation.identity, identity) ||
        relation.identityFull !== identityFull
    );
}

function looksFull(
    relation: CatalogueRelation,
    shape: Shape,
    old: readonly string[],
    values: readonly SqlValue[],
    before: readonly string[] | null,
): boolean {
    if (sameNames(old, relation.primaryKey)) {
        return false;
    }
    const living = relation.columns.filter((column) => column.droppedSeq === null && !isOfPartition(column));
    const beside = shape.columns.filter(({ name }, index) => !old.includes(name) && (values[index] ?? null) !== null);
    const isWholeRow = shape.op === 'update' && beside.length === 0;
    return old.length >= living.length || isWholeRow || (!sameNames(old, before) && isNested(old, before));
}

/** Whether one of the lists contains the other. */
function isNested(left: readonly string[], right: readonly string[] | null): boolean {
    return right !== null && (left.every((name) => right.includes(name)) || right.every((name) => left.includes(name)));
}

function sameNames(left: readonly string[] | null, right: readonly string[] | null): boolean {
    return left === right || (left !== null && right !== null && left.join('\0') === right.join('\0'));
}
