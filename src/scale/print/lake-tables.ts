import type { CurrentSpec } from '../../transform/current/current-spec.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { foldSql } from '../fold/fold-sql.ts';
import type { EnginePlan } from '../plan/engine-plan.ts';
import type { LakeSupply } from '../supply/lake-supply.ts';
import { currentName } from './run-parts.ts';

/** A table that a run computes. */
export interface ComputedTable {
    readonly name: string;
    readonly steps: readonly string[];
    readonly select: string;
}

/** A current table: the rows of each source of the lake, which share no key. */
export function currentTable(spec: CurrentSpec, supply: LakeSupply, dialect: Dialect, hops: number): ComputedTable {
    const folds = supply
        .histories(spec)
        .map((history) =>
            history.isIdle && history.before !== undefined
                ? { steps: [], rows: `select *\nfrom ${history.before.rows}` }
                : foldSql(history, dialect, hops),
        );
    return {
        name: currentName(spec),
        steps: folds.flatMap(({ steps }) => steps),
        select: folds.map(({ rows }) => rows).join('\nunion all\n'),
    };
}

export function martTables(plan: EnginePlan): readonly (ComputedTable & { readonly file: string })[] {
    return plan.marts.map(({ name, file, select }) => ({ name, file, steps: [], select }));
}
