import { createHash } from 'node:crypto';
import { readOrder, saveOrder, schemaFacts } from '../../ledger/model-state.ts';
import { keptText } from '../../process/kept-text.ts';
import type { ModelFile } from '../../project/model-files.ts';
import type { Database } from '../../sqlite/database.ts';
import { schemaSql, sqliteBuild } from '../../sqlite/tables-touched.ts';
import { GENERATOR, isUneditedUpkeep } from '../marts/mart-upkeep.ts';
import { type ModelPlan, type PlanFacts, workOutOrder } from './model-order.ts';

const NO_FACTS: PlanFacts = { waits: new Map(), migratedTables: () => new Set() };

/**
 * The models in an order in which each comes after what it reads; worked out once, then kept under a hash in the database,
 * and for other databases with the same schema among the texts of `keptIn`, which lies beside Node's compiled code.
 */
export function orderOfModels(
    database: Database,
    models: readonly ModelFile[],
    facts = NO_FACTS,
    keptIn?: string,
): ModelPlan {
    const kept = readOrder(database, planHash(database, models, facts));
    return JSON.parse(kept ?? planForAnyDatabase(database, models, facts, keptIn)) as ModelPlan;
}

/** Depends on what it is given here, on nothing else: neither on another database nor on another project's files. */
function planForAnyDatabase(
    database: Database,
    models: readonly ModelFile[],
    { waits, migratedTables }: PlanFacts,
    keptIn: string | undefined,
): string {
    const schema = schemaSql(database);
    const migrated = migratedTables();
    return keptText(
        [sqliteBuild(database), schema, models.map(textsOf), [...migrated], [...waits]],
        () => JSON.stringify(workOutOrder(schema, models, { waits, migratedTables: () => migrated })),
        keptIn,
    );
}

/** Stores the order for the next run, in the run's transaction. */
export function keepOrder(database: Database, models: readonly ModelFile[], plan: ModelPlan, facts = NO_FACTS): void {
    const hash = planHash(database, models, facts);
    if (readOrder(database, hash) === undefined) {
        saveOrder(database, hash, JSON.stringify(plan));
    }
}

/** Incremented when `ModelPlan` or what `workOutOrder` refuses changes: a stored order is then computed again. */
const PLAN_SHAPE = 9;

/**
 * Hash of everything the order and the generated upkeep depend on within one database. Its models' own tables are left
 * out: a run creates them.
 */
function planHash(database: Database, models: readonly ModelFile[], { waits }: PlanFacts): string {
    return createHash('sha256')
        .update(JSON.stringify([PLAN_SHAPE, GENERATOR, models.map(textsOf), schemaFacts(database), [...waits]]))
        .digest('hex');
}

/** What a plan takes from a file; of a mart's upkeep nothing where nobody has edited it: it is generated anew. */
function textsOf({ name, kind, text, definition }: ModelFile): readonly unknown[] {
    return definition === undefined
        ? [name, kind, text]
        : [definition.file, definition.text, isUneditedUpkeep(text) ? null : text];
}
