import type { Dialect } from '../dialects/dialect.ts';
import { changedValue, oldName } from './fold-names.ts';
import type { StagedHistory } from './staged-history.ts';

/** The parts of a fold that begins at the rows of an earlier one. */
export interface NewsSql {
    /** The statements that must run before the fold. */
    readonly steps: readonly string[];
    /** The changes that are folded: for each row that the news reach a whole insert, then the news. */
    readonly changes: string;
    /** The rows that no change reaches, which stay. */
    readonly rest: string;
}

/**
 * Folds the news alone: a row of the earlier fold that a change names, by its key or by the one that it had, enters as an
 * insert with all columns, before all changes; the others stay as they are. Nothing of the history is read.
 */
export function newsSql(
    history: StagedHistory,
    before: NonNullable<StagedHistory['before']>,
    dialect: Dialect,
): NewsSql {
    const { tail, key, columns, whole } = history;
    const of = (step: string): string => dialect.name(`fold_${step}_${tail}`);
    const [news, reached, base] = [of('news'), of('reached'), of('base')];
    const list = (names: readonly string[]): string => names.map(dialect.name).join(', ');
    const names = columns.map(({ name }) => name);
    const olds = key.map(
        (name) => `coalesce(${dialect.name(oldName(name))}, ${dialect.name(name)}) as ${dialect.name(name)}`,
    );
    const isReached = `exists (
    select 1 from ${reached} as reached
    where ${key.map((name) => `reached.${dialect.name(name)} = held.${dialect.name(name)}`).join(' and ')}
)`;
    const noOld = key.map((name) => {
        const type = columns.find((column) => column.name === name)?.type ?? 'TEXT';
        return `cast(null as ${dialect.type(type)})`;
    });
    const values = columns.map((column) => `${changedValue(dialect, '', column)} as ${dialect.name(column.name)}`);
    return {
        steps: [
            dialect.view(
                `fold_news_${tail}`,
                `select _seq, _op, _absent, ${list(key.map(oldName))}, ${values.join(', ')}
from ${history.changes}
where _seq > ${before.watermark} and _seq <= ${whole}`,
            ),
            dialect.keep(
                `fold_reached_${tail}`,
                `select ${list(key)} from ${news}\nunion\nselect ${olds.join(', ')} from ${news}`,
            ),
            dialect.keep(
                `fold_base_${tail}`,
                `select cast(-1 - ${dialect.numbered} as ${dialect.type('INTEGER')}) as _seq, ${list(names)}
from ${before.rows} as held
where ${isReached}`,
            ),
        ],
        changes: `select _seq, 'insert' as _op, cast(null as ${dialect.type('TEXT')}) as _absent, ${noOld
            .map((sql, at) => `${sql} as ${dialect.name(oldName(key[at] ?? ''))}`)
            .join(', ')}, ${list(names)}
from ${base}
union all
select _seq, _op, _absent, ${list(key.map(oldName))}, ${list(names)}
from ${news}`,
        rest: `select ${list(names)}\nfrom ${before.rows} as held\nwhere not ${isReached}`,
    };
}
