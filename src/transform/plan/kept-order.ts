import { createHash } from 'node:crypto';
import { readOrder, saveOrder, schemaFacts } from '../../ledger/model-state.ts';
import type { ModelFile } from '../../project/model-files.ts';
import type { Database } from '../../sqlite/database.ts';
import { type OrderedModel, type Waits, workOutOrder } from './model-order.ts';

const NONE_WAIT: Waits = new Map();

/** The models in an order in which each comes after what it reads; computed once, then kept under a hash. */
export function orderOfModels(
    database: Database,
    models: readonly ModelFile[],
    waits = NONE_WAIT,
): readonly OrderedModel[] {
    const kept = readOrder(database, orderHash(database, models, waits));
    return kept === undefined ? workOutOrder(database, models, waits) : (JSON.parse(kept) as OrderedModel[]);
}

/** Stores the order for the next run, in the run's transaction. */
export function keepOrder(
    database: Database,
    models: readonly ModelFile[],
    order: readonly OrderedModel[],
    waits = NONE_WAIT,
): void {
    const hash = orderHash(database, models, waits);
    if (readOrder(database, hash) === undefined) {
        saveOrder(database, hash, JSON.stringify(order));
    }
}

/** Incremented when `OrderedModel` or what `workOutOrder` refuses changes: a stored order is then computed again. */
const ORDER_SHAPE = 4;

/** Hash of everything the order depends on. */
function orderHash(database: Database, models: readonly ModelFile[], waits: Waits): string {
    const texts = models.map((model) => [model.name, model.text]);
    return createHash('sha256')
        .update(JSON.stringify([ORDER_SHAPE, texts, schemaFacts(database), [...waits]]))
        .digest('hex');
}
