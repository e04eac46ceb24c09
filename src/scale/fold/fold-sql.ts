import type { Dialect } from '../dialects/dialect.ts';
import { absentLabel, changedValue, HOPS_FIRST, oldName, tooFewHopsMessage } from './fold-names.ts';
import { newsSql } from './news-sql.ts';
import type { StagedHistory } from './staged-history.ts';

/** A fold as an engine of many machines runs it: statements that prepare, and the SELECT of the rows. */
export interface ScaleFold {
    readonly steps: readonly string[];
    readonly rows: string;
}

/**
 * The state of a relation from its changes, without recursion and without one row after the other. A change without
 * absent columns needs nothing of what was before: so the last event at each key decides, and only for rows whose last
 * change left columns out is their history read.
 *
 * - touch: what happens at which key: a change stands at its key at `2 * _seq + 1`; one that gives a row another key
 *   leaves the old one at `2 * _seq`.
 * - last: the last event at each key. Odd and not a delete: there is a row.
 * - step: the events at keys whose row cannot be told from its last change alone, and at both ends of moves that leave
 *   columns out.
 * - life: the `_seq` of the change that began the row at its key. A whole change begins one, and one that leaves columns
 *   out does where no row stood, or where it brought a row from another key.
 * - hop0, hop1, …: from a life to the one that it continues, over 1, 2, 4, … moves.
 * - tale: the changes of all lives of a row that is still open; each column is what the last of them says that has it.
 *
 * A delete ends the row of its own key: landing gives it the key of the row that went, and never an old one (elt's own
 * fold would look for that first, and for its key if there is no such row).
 */
export function foldSql(history: StagedHistory, dialect: Dialect, hopsMax = HOPS_FIRST): ScaleFold {
    const hops = history.hasDrags ? hopsMax : undefined;
    const from = names(history, dialect);
    const { before, since } = history;
    // A truncate since then has emptied the earlier rows.
    const news = before === undefined || since > before.watermark ? undefined : newsSql(history, before, dialect);
    const first = [
        ...(news?.steps ?? []),
        dialect.view(`fold_changes_${history.tail}`, news?.changes ?? changesSql(history)),
        dialect.view(`fold_touch_${history.tail}`, touchSql(history, dialect, from)),
        dialect.keep(`fold_last_${history.tail}`, `select max(_at) as _at\nfrom ${from.touch}\ngroup by ${from.key}`),
    ];
    const whole = wholeRows(history, dialect, from);
    const rest = news === undefined ? '' : `\nunion all\n${news.rest}`;
    if (!history.hasPatches) {
        return { steps: first, rows: `${whole}${rest}` };
    }
    const steps = [
        ...first,
        dialect.keep(`fold_step_${history.tail}`, stepSql(history, dialect, from)),
        dialect.keep(`fold_life_${history.tail}`, lifeSql(history, from)),
        ...(hops === undefined ? [] : hopSteps(history, dialect, from, hops)),
        dialect.keep(`fold_tale_${history.tail}`, taleSql(from, hops)),
    ];
    return {
        steps,
        rows: `${whole}\n    and changes._absent is null\nunion all\n${toldRows(history, dialect, from)}${rest}`,
    };
}

type Names = ReturnType<typeof names>;

function names({ tail, key }: StagedHistory, dialect: Dialect) {
    const of = (step: string): string => dialect.name(`fold_${step}_${tail}`);
    return {
        changes: of('changes'),
        touch: of('touch'),
        last: of('last'),
        step: of('step'),
        life: of('life'),
        hop: (number: number) => of(`hop${number}`),
        tale: of('tale'),
        key: list(key, dialect),
        of: (prefix: string) => list(key, dialect, prefix),
    };
}

function list(columns: readonly string[], dialect: Dialect, prefix = ''): string {
    return columns.map((name) => `${prefix}${dialect.name(name)}`).join(', ');
}

function same(columns: readonly string[], dialect: Dialect, left: string, right: string): string {
    return columns.map((name) => `${left}${dialect.name(name)} = ${right}${dialect.name(name)}`).join(' and ');
}

function changesSql({ changes, since, whole }: StagedHistory): string {
    return `select *\nfrom ${changes}\nwhere _seq > ${since} and _seq <= ${whole}`;
}

function touchSql({ key, hasMoves, hasDrags }: StagedHistory, dialect: Dialect, from: Names): string {
    const old = (name: string): string => `coalesce(${dialect.name(oldName(name))}, ${dialect.name(name)})`;
    const differs = `not (${key.map((name) => `${old(name)} = ${dialect.name(name)}`).join(' and ')})`;
    const doing = "case when _op = 'delete' then 'end' when _absent is null then 'put' else 'patch' end";
    const isDrag = hasDrags ? `_absent is not null and ${differs}` : 'false';
    const stands = `select _seq * 2 + 1 as _at, _seq, ${doing} as _does, ${isDrag} as _drags, ${from.key}\nfrom ${from.changes}`;
    const olds = key.map((name) => `${old(name)} as ${dialect.name(name)}`).join(', ');
    return !hasMoves
        ? stands
        : `${stands}
union all
select _seq * 2, _seq, 'leave', _absent is not null, ${olds}
from ${from.changes}
where ${differs}`;
}

/** The rows whose last change is one that leaves nothing out, or all where none does. */
function wholeRows({ columns }: StagedHistory, dialect: Dialect, from: Names): string {
    const values = columns.map(
        (column) => `${changedValue(dialect, 'changes.', column)} as ${dialect.name(column.name)}`,
    );
    return `select\n    ${values.join(',\n    ')}
from ${from.changes} as changes
join ${from.last} as ended on ended._at = changes._seq * 2 + 1
where changes._op <> 'delete'`;
}

function stepSql({ key }: StagedHistory, dialect: Dialect, from: Names): string {
    // Without a name: DuckDB takes those of all statements of a script for one list.
    const atKey = `partition by ${from.of('touch.')} order by _at`;
    return `with sought as (
    select ${from.of('changes.')}
    from ${from.changes} as changes
    join ${from.last} as ended on ended._at = changes._seq * 2 + 1
    where changes._absent is not null
    union
    select ${from.key} from ${from.touch} where _drags
)
select
    touch.*,
    coalesce(lag(_does) over (${atKey}), 'end') in ('put', 'patch') as _held,
    lead(_does) over (${atKey}) is null as _top
from ${from.touch} as touch
where exists (select 1 from sought where ${same(key, dialect, 'sought.', 'touch.')})`;
}

function lifeSql({ hasDrags }: StagedHistory, from: Names): string {
    const brought = !hasDrags
        ? ''
        : `
left join (select _seq from ${from.step} where _does = 'leave' and _drags and _held) as brought on brought._seq = step._seq`;
    const begins = `step._does = 'put' or step._does = 'patch' and (not step._held${!hasDrags ? '' : ' or brought._seq is not null'})`;
    return `select
    step._seq, step._does, step._drags, step._held, step._top,
    max(case when ${begins} then step._seq end) over (partition by ${from.of('step.')} order by step._at) as _life
from ${from.step} as step${brought}`;
}

/** The life that a move began has the move's own `_seq`: so the edge to the life that ended is the event that left. */
function hopSteps({ tail }: StagedHistory, dialect: Dialect, from: Names, hops: number): readonly string[] {
    const doubled = Array.from({ length: hops }, (_, number) =>
        dialect.keep(
            `fold_hop${number + 1}_${tail}`,
            `select near._life, coalesce(far._up, near._up) as _up
from ${from.hop(number)} as near
left join ${from.hop(number)} as far on far._life = near._up`,
        ),
    );
    return [
        dialect.keep(
            `fold_hop0_${tail}`,
            `select _seq as _life, _life as _up from ${from.life} where _does = 'leave' and _drags and _held`,
        ),
        ...doubled,
        dialect.refuse(
            tooFewHopsMessage(tail, hops),
            `${from.hop(hops)} as near join ${from.hop(0)} as far on far._life = near._up`,
        ),
    ];
}

function taleSql(from: Names, hops: number | undefined): string {
    const told =
        hops === undefined
            ? `select _seq, _top and _does = 'patch' as _open, _life as _tale
    from ${from.life}
    where _does in ('put', 'patch')`
            : `select life._seq, life._top and life._does = 'patch' as _open, coalesce(hop._up, life._life) as _tale
    from ${from.life} as life
    left join ${from.hop(hops)} as hop on hop._life = life._life
    where life._does in ('put', 'patch')`;
    return `with told as (
    ${told}
)
select _seq, _tale from told where _tale in (select _tale from told where _open)`;
}

/** The rows whose last change leaves columns out: each column as the last change of the row's tale that has it. */
function toldRows({ key, columns }: StagedHistory, dialect: Dialect, from: Names): string {
    const read = columns.map(
        (column) => `${changedValue(dialect, 'changes.', column)} as ${dialect.name(column.name)}`,
    );
    const picked = columns.map(({ name, document = name }) => {
        const isSaid = key.includes(name)
            ? undefined
            : `_absent is null or ${dialect.lacksNot('_absent', absentLabel(document))}`;
        return `${dialect.latest(dialect.name(name), '_seq', isSaid)} as ${dialect.name(name)}`;
    });
    return `select ${list(
        columns.map(({ name }) => name),
        dialect,
    )}
from (
    select
        _tale,
        ${picked.join(',\n        ')}
    from (
        select tale._tale, changes._seq, changes._absent,
            ${read.join(',\n            ')}
        from ${from.tale} as tale
        join ${from.changes} as changes on changes._seq = tale._seq
    ) as said
    group by _tale
) as row_now`;
}
