import { quoteName } from '../../sql/quote.ts';
import type { Database } from '../../sqlite/database.ts';
import type { StagedHistory } from '../fold/staged-history.ts';
import type { StagedRelation } from '../plan/engine-tables.ts';

/** What SQLite knows of a relation's changes, as constants of the statements that fold them. */
export function factsOfStaging(
    database: Database,
    { tail }: StagedRelation,
): Pick<StagedHistory, 'since' | 'whole' | 'hasPatches' | 'hasMoves' | 'hasDrags'> {
    const staging = quoteName(`stg_${tail}`);
    const number = (sql: string): number => Number(database.prepare(sql).pluck().get() ?? 0);
    const whole = number('select whole_seq from elt_stream');
    const since = number(`select max(_seq) from ${staging} where _op = 'truncate' and _seq <= ${whole}`);
    const has = (condition: string): boolean =>
        number(
            `select exists (select 1 from ${staging} where _seq > ${since} and _seq <= ${whole} and ${condition})`,
        ) === 1;
    return {
        since,
        whole,
        hasPatches: has('_absent is not null'),
        hasMoves: has('_old_key is not null'),
        hasDrags: has('_absent is not null and _old_key is not null'),
    };
}
