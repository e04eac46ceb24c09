import { EltError } from '../../core/errors.ts';
import type { CatalogueRelation, Drift } from '../../ledger/catalogue.ts';

/** Why a drift is not followed. */
export function frozenDrift(relation: CatalogueRelation, drift: Drift): EltError {
    const types = drift.was !== null && drift.now !== null ? ` (${drift.was} to ${drift.now})` : '';
    return new EltError({
        code: 'DRIFT_FROZEN',
        message: `"${relation.schema}.${relation.table}" drifted: column "${drift.columnName}" ${drift.kind}${types}`,
        found: 'the pipeline says "drift: freeze" in its pipeline.sql',
        next: 'decide: change the models and say "drift: evolve", or have the source changed back',
    });
}
