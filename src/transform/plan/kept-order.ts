import { createHash } from 'node:crypto';
import { readOrder, saveOrder, schemaFacts } from '../../ledger/model-state.ts';
import type { ModelFile } from '../../project/model-files.ts';
import type { Database } from '../../sqlite/database.ts';
import { GENERATOR, isUneditedUpkeep } from '../marts/mart-upkeep.ts';
import { type ModelPlan, type PlanFacts, workOutOrder } from './model-order.ts';

const NO_FACTS: PlanFacts = { waits: new Map(), migratedTables: () => new Set() };

/** The models in an order in which each comes after what it reads; computed once, then kept under a hash. */
export function orderOfModels(database: Database, models: readonly ModelFile[], facts = NO_FACTS): ModelPlan {
    const kept = readOrder(database, planHash(database, models, facts));
    return kept === undefined ? workOutOrder(database, models, facts) : (JSON.parse(kept) as ModelPlan);
}

/** Stores the order for the next run, in the run's transaction. */
export function keepOrder(database: Database, models: readonly ModelFile[], plan: ModelPlan, facts = NO_FACTS): void {
    const hash = planHash(database, models, facts);
    if (readOrder(database, hash) === undefined) {
        saveOrder(database, hash, JSON.stringify(plan));
    }
}

/** Incremented when `ModelPlan` or what `workOutOrder` refuses changes: a stored order is then computed again. */
const PLAN_SHAPE = 7;

/** Hash of everything the order and the generated upkeep depend on. */
function planHash(database: Database, models: readonly ModelFile[], { waits }: PlanFacts): string {
    const texts = models.map(({ name, text, definition }) =>
        definition === undefined ? [name, text] : [name, definition.text, isUneditedUpkeep(text) ? null : text],
    );
    return createHash('sha256')
        .update(JSON.stringify([PLAN_SHAPE, GENERATOR, texts, schemaFacts(database), [...waits]]))
        .digest('hex');
}
