import { EltError } from '../../core/errors.ts';
import type { CatalogueRelation, Drift } from '../../ledger/catalogue.ts';

/** Why a drift is not followed. */
export function frozenDrift({ schema, table }: CatalogueRelation, drift: Drift): EltError {
    const { kind, columnName, was, now } = drift;
    const types = was !== null && now !== null ? ` (${was} to ${now})` : '';
    const what = kind === 'rekeyed' ? `its key was ${was}, and is ${now}` : `column "${columnName}" ${kind}${types}`;
    return new EltError({
        code: 'DRIFT_FROZEN',
        message: `"${schema}.${table}" drifted: ${what}`,
        found: 'the pipeline says "drift: freeze" in its pipeline.sql',
        next: 'decide: change the models and say "drift: evolve", or have the source changed back',
    });
}
