import type { Shape, SqlValue } from '../../core/stream-event.ts';
import { type CatalogueRelation, isFromBeginning, saveKeys, saveRelation } from '../../ledger/catalogue.ts';
import type { Database } from '../../sqlite/database.ts';
import { noteKeys } from './relation-keys.ts';
import { type KeyChange, keyChange } from './stream-key.ts';

/** Records by what a change names its row. `isStale`: shapes that were seen before must be looked at again. */
export function followKey(
    database: Database,
    relation: CatalogueRelation,
    shape: Shape,
    seq: number,
    values: readonly SqlValue[],
): { readonly change: KeyChange | null; readonly isStale: boolean } {
    const before = {
        primaryKey: relation.primaryKey,
        sawOldKey: relation.identity !== null,
        isFromBeginning: (column: string) => isFromBeginning(database, relation, column),
    };
    if (noteKeys(relation, shape, values)) {
        saveRelation(database, relation);
    }
    const change = keyChange(relation, shape, seq, before);
    if (change !== null) {
        relation.keys = change.keys;
        saveKeys(database, relation);
    }
    return { change, isStale: change !== null || relation.primaryKey !== before.primaryKey };
}
