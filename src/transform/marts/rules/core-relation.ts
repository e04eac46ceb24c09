import type { SqlCore, SqlExpression, SqlSelect } from '../../../sql/grammar/sql-nodes.ts';
import { conjuncts, hasShallow } from '../../../sql/grammar/walk-nodes.ts';
import { isAggregateCall } from './aggregates.ts';
import { columnsIn } from './fragment.ts';
import { type FromClause, readFrom } from './from-clause.ts';
import { scopeOf } from './join-tables.ts';
import type { Reading, Relation, Row, Surroundings } from './reading.ts';
import { placeOf, type ResultColumn, resultColumns, resultNames } from './result-columns.ts';
import type { Joined, Scope } from './scope.ts';
import { changesThrough, type Subquery, subqueriesIn } from './subqueries.ts';
import { tellCondition, tellExpression } from './tell-expression.ts';
import { asked, isSameValue, type Told, type Value, withNulls } from './value.ts';
import { onBase, withCondition } from './way.ts';
import { windowChanges } from './windows.ts';

type SelectFrom = Extract<SqlCore, { type: 'SelectFrom' }>;
type Read = (select: SqlSelect, around: Surroundings) => Relation;
type Sorted = readonly { readonly expr: SqlExpression }[];

/** Reads one side of a union: from, where, group by, having, windows, result columns. */
export function readCore(core: SqlCore, orderBy: Sorted, around: Surroundings, reading: Reading, read: Read): Relation {
    if (core.type === 'SelectValues') {
        const names = resultNames(core, around.text);
        const nothing = new Map(names.map((name): readonly [string, Told] => [name, null]));
        return { names, rows: [{ way: around.base, columns: nothing }], changes: [] };
    }
    const from = readFrom(core.from, around, reading, read);
    const columns = resultColumns(core, around.text, from.columns);
    const aliases = new Map(
        columns.flatMap(({ name, source }) => ('expression' in source ? [[name, source.expression] as const] : [])),
    );
    const where = (joined: readonly Joined[]): readonly Joined[] => {
        const based = joined.flatMap((one) => onBase(around.base, one.way).map((way) => ({ ...one, way })));
        return reading.counted(filtered(based, conjuncts(core.whereClause), around, aliases, reading));
    };
    const rows = where(from.rows);
    const through = subqueriesOf(core, from, columns, orderBy).flatMap((subquery) =>
        rows.flatMap((joined) => changesThrough(subquery, joined, around, aliases, reading, read)),
    );
    const changes = [...where(from.changes), ...through];
    const result = groupsOf(core, columns, around, aliases, reading);
    const told = { rows: rows.map(result.row), changes: changes.map(result.row) };
    const names = columns.map(({ name }) => name);
    if (around.asksRowsOnly) {
        return { names, ...told };
    }
    const relation = result.isOneRow ? { names, ...asOneRow(told, around) } : { names, ...told };
    const inWindows = windowChanges(
        core,
        columns,
        orderBy,
        { rows, changes, around, aliases, group: result.group },
        reading,
    );
    return { ...relation, changes: [...relation.changes, ...inWindows.map(result.row)] };
}

function filtered(
    joined: readonly Joined[],
    conditions: readonly SqlExpression[],
    around: Surroundings,
    aliases: Scope['aliases'],
    reading: Reading,
): readonly Joined[] {
    let kept = joined;
    for (const expression of conditions) {
        kept = kept.flatMap((one) => {
            const condition = tellCondition(expression, scopeOf(one, around, aliases), reading.schema);
            return condition === null ? [one] : withCondition(one.way, condition).map((way) => ({ ...one, way }));
        });
    }
    return kept;
}

/** All subqueries in expressions: where a row changes that one of them reads, what looks at it may change. */
function subqueriesOf(
    core: SelectFrom,
    from: FromClause,
    columns: readonly ResultColumn[],
    orderBy: Sorted,
): readonly Subquery[] {
    const conditions = [...conjuncts(core.whereClause), ...from.conditions];
    const others = [
        ...columns.flatMap(({ source }) => ('expression' in source ? [source.expression] : [])),
        ...(core.groupBy ?? []),
        ...conjuncts(core.having),
        ...orderBy.map(({ expr }) => expr),
    ];
    return [
        ...conditions.flatMap((one) => subqueriesIn(one, true)),
        ...others.flatMap((one) => subqueriesIn(one, false)),
    ];
}

interface Groups {
    readonly row: (joined: Joined) => Row;
    /** Aggregates without `group by`: always one row. */
    readonly isOneRow: boolean;
    /** What a row is grouped by; undefined where rows are not grouped. */
    readonly group: (joined: Joined) => readonly Told[] | undefined;
}

function groupsOf(
    core: SelectFrom,
    columns: readonly ResultColumn[],
    around: Surroundings,
    aliases: Scope['aliases'],
    reading: Reading,
): Groups {
    const isAggregate = (expression: SqlExpression): boolean => {
        return hasShallow(expression, (node) => isAggregateCall(node, reading.schema));
    };
    const isGrouped =
        core.groupBy !== undefined ||
        core.having !== undefined ||
        columns.some(({ source }) => 'expression' in source && isAggregate(source.expression));
    const tell = (joined: Joined, source: ResultColumn['source']): Told =>
        'expression' in source
            ? tellExpression(source.expression, scopeOf(joined, around, aliases), reading.schema)
            : starValue(joined, source);
    const group = (joined: Joined): readonly Told[] | undefined => {
        const expressions = core.groupBy ?? [];
        return isGrouped
            ? expressions.map((expression) => {
                  const place = placeOf(expression);
                  const column = place === undefined ? undefined : columns[place - 1];
                  return tell(joined, column?.source ?? { expression });
              })
            : undefined;
    };
    const row = (joined: Joined): Row => {
        const grouped = group(joined);
        const values = columns.map(({ name, source }): readonly [string, Told] => {
            const value = tell(joined, source);
            return [name, value && (grouped === undefined || followsFrom(value, grouped)) ? value : null];
        });
        return { way: joined.way, columns: new Map(values) };
    };
    return { row, isOneRow: isGrouped && core.groupBy === undefined, group };
}

/** Whether all rows of a group have the same value: the group has it, or it is made of what the group has. */
export function followsFrom(value: Value, group: readonly Told[]): boolean {
    if (value.isNull) {
        return group.some((one) => one?.isNull === true);
    }
    const isOfGroup = (occurrence: number, column: string): boolean => {
        return group.some((one) => one?.column?.occurrence === occurrence && one.column.column === column);
    };
    return (
        group.some((one) => one !== null && isSameValue(one, value)) ||
        (value.sides.size === 0 &&
            columnsIn(value.text).every((part) => typeof part === 'string' || isOfGroup(part.occurrence, part.column)))
    );
}

function starValue(joined: Joined, source: Extract<ResultColumn['source'], { readonly star: unknown }>): Told {
    const { alias, column } = source.star;
    const merged = source.isBare ? joined.merged.get(column) : undefined;
    const value = merged ?? joined.items.find((item) => item.alias === alias)?.columns.get(column) ?? null;
    return value && withNulls(value, joined.way.lost);
}

/** Aggregates of everything: one row, of which only constants are told, and which any change may change. */
function asOneRow(
    { changes }: Pick<Relation, 'rows' | 'changes'>,
    around: Surroundings,
): Pick<Relation, 'rows' | 'changes'> {
    const constants = ({ columns }: Row): Row['columns'] => {
        return new Map(
            [...columns].map(([name, value]) => [
                name,
                value !== null && asked(value).size === 0 && !value.isNull ? value : null,
            ]),
        );
    };
    const first = changes[0];
    return {
        rows: [{ way: around.base, columns: first === undefined ? new Map() : constants(first) }],
        changes: changes.map((change) => ({
            way: { ...change.way, why: change.way.why ?? 'an aggregate looks at all rows' },
            columns: constants(change),
        })),
    };
}
