import type { Row } from '../rules/reading.ts';
import { equalityOf } from '../rules/tell-expression.ts';
import { asked, columnValue, type Told, union, type Value, withNulls } from '../rules/value.ts';
import { type Condition, type EqualColumn, fullyMatched, type Occurrence, settle, type Way } from '../rules/way.ts';
import type { Arm } from './arm.ts';
import { equalColumns } from './equal-columns.ts';
import { Paths, pathFrom } from './paths.ts';

/** Of more tables than this that make a key together the arms would be too many: all keys are compared. */
const KEY_TABLES_MAX = 4;

/**
 * The arms of a way of change: from the changed row over the tables that lead to the key, the shortest way. Any changed
 * row on a way that is nearer to the key than another one has an arm of its own, behind which nothing has changed.
 */
export function planArms(change: Row, key: readonly string[]): readonly Arm[] {
    const values = key.map((name) => comparable(change.columns.get(name)));
    const asks = union(...values.flatMap((value) => (value === null ? [] : [asked(value)])));
    return settle(change.way, asks).flatMap((way) =>
        armsOf(
            way,
            values.map((value) => value && withNulls(value, way.lost)),
        ),
    );
}

/** SQLite does not promise how a key compares that is of several types: which rows have it cannot be asked. */
function comparable(value: Told | undefined): Told {
    return value === undefined || value?.affinity === 'mixed' ? null : value;
}

/** A step from the tables nearer to the key to the next one: what the SELECT itself does for a key. */
export interface OutwardStep {
    readonly occurrence: Occurrence;
    readonly conditions: readonly Condition[];
}

/** The steps from the key to all tables of a way, as far as they hang together. */
export function outwardSteps(change: Row, key: readonly string[]): readonly OutwardStep[] {
    const way = fullyMatched(change.way);
    const values = key.map((name) => comparable(change.columns.get(name)));
    const conditions = usable(way);
    if (values.includes(null)) {
        return [];
    }
    const equal = equalColumns({ ...way, conditions }, equalityOfColumns);
    const all = [...conditions, ...equal.implied];
    const next = new Paths(way, all).toward(union(...(values as readonly Value[]).map((value) => value.reads)));
    return way.occurrences.flatMap((occurrence) => {
        const before = next.get(occurrence.id);
        const own =
            before === undefined ? [] : all.filter(({ reads }) => reads.has(before) && reads.has(occurrence.id));
        return own.length === 0 ? [] : [{ occurrence, conditions: own }];
    });
}

/** Conditions whose tables the way goes through. */
function usable(way: Way): readonly Condition[] {
    const ids = new Set(way.occurrences.map(({ id }) => id));
    return way.conditions.filter(({ reads }) => reads.size > 0 && [...reads].every((id) => ids.has(id)));
}

function armsOf(way: Way, values: readonly Told[]): readonly Arm[] {
    const start = way.start as number;
    const conditions = usable(way);
    const all: Arm = { way, starts: [start], chain: [start], conditions, implied: [], key: undefined };
    if (values.includes(null) || way.occurrences.some(({ kind }) => kind === 'ran')) {
        return [all];
    }
    const equal = equalColumns({ ...way, conditions }, equalityOfColumns);
    const choices = (values as readonly Value[]).map((value) =>
        value.column === undefined
            ? [value]
            : equal.of(value.column).map((column) => (column === value.column ? value : valueOfColumn(column))),
    );
    const paths = new Paths(way, [...conditions, ...equal.implied]);
    const draft = { way, conditions, implied: equal.implied };
    const roots = rootsOf(way, choices);
    if (roots.size > 0) {
        const next = paths.toward(roots.keys());
        const chain = pathFrom(start, next);
        const root = chain.at(-1) as number;
        const arm: Arm = { ...draft, starts: [start], chain, key: roots.get(root) };
        return (next.has(start) ? withArguments(arm) : undefined) ?? [all];
    }
    const together = choices.map((each) => each[0] as Value);
    return armsOfSeveral({ ...draft, key: together }, start, paths) ?? [all];
}

/** Tables that have the whole key, each with where it has it. */
function rootsOf(way: Way, choices: readonly (readonly Value[])[]): ReadonlyMap<number, readonly Value[]> {
    const roots = new Map<number, readonly Value[]>();
    for (const { id } of way.occurrences) {
        const own = choices.map((each) => each.find(({ reads }) => [...reads].every((one) => one === id)));
        if (own.every((value) => value !== undefined)) {
            roots.set(id, own as Value[]);
        }
    }
    return roots;
}

/**
 * The arms of a key that several tables make together: any of them may have changed, and several at once. So each set
 * of them has an arm in which just those are changed rows. Undefined: too many.
 */
function armsOfSeveral(
    draft: Pick<Arm, 'way' | 'conditions' | 'implied' | 'key'>,
    start: number,
    paths: Paths,
): readonly Arm[] | undefined {
    const tables = connected([...union(...(draft.key ?? []).map((value) => value.reads))], draft.way, paths);
    const changeable = tables.filter((id) =>
        draft.way.occurrences.some((one) => one.id === id && one.kind === 'table'),
    );
    if (changeable.length > KEY_TABLES_MAX) {
        return undefined;
    }
    if (!tables.includes(start)) {
        const next = paths.toward(tables);
        const chain = pathFrom(start, next);
        const rest = tables.filter((id) => !chain.includes(id));
        return next.has(start) ? withArguments({ ...draft, starts: [start], chain: [...chain, ...rest] }) : undefined;
    }
    const others = changeable.filter((id) => id !== start && isRecorded(draft.way, id));
    return subsets(others).map((more) => {
        const isStart = new Set([start, ...more]);
        const starts = draft.way.occurrences.map(({ id }) => id).filter((id) => isStart.has(id));
        return { ...draft, starts, chain: [...starts, ...tables.filter((id) => !starts.includes(id))] };
    });
}

/**
 * An arm that goes through a table function whose arguments come from tables beside its way: these may have changed at
 * once, so each set of them has an arm in which they are changed rows. Undefined: too many.
 */
function withArguments(arm: Arm): readonly Arm[] | undefined {
    const beside = argumentsOf(arm.chain, arm.way).filter((id) => isRecorded(arm.way, id));
    if (beside.length >= KEY_TABLES_MAX) {
        return undefined;
    }
    return subsets(beside).map((more) => {
        const isStart = new Set([...arm.starts, ...more]);
        const starts = arm.way.occurrences.map(({ id }) => id).filter((id) => isStart.has(id));
        return { ...arm, starts, chain: [...starts, ...arm.chain.filter((id) => !starts.includes(id))] };
    });
}

/** What the table functions among these are given columns of, and is not among them. */
function argumentsOf(chain: readonly number[], way: Way): readonly number[] {
    const given = way.occurrences.flatMap((one) =>
        one.kind === 'call' && chain.includes(one.id) ? [...one.call.reads].filter((id) => !chain.includes(id)) : [],
    );
    return given.length === 0 ? [] : [...given, ...argumentsOf([...chain, ...given], way)];
}

/** The tables, those that stand between them, and those that table functions among them are given columns of. */
function connected(tables: readonly number[], way: Way, paths: Paths): readonly number[] {
    const found = new Set(tables.slice(0, 1));
    for (const table of tables.slice(1)) {
        const next = paths.toward(found);
        for (const id of next.has(table) ? pathFrom(table, next) : [table]) {
            found.add(id);
        }
    }
    const given = way.occurrences.flatMap((one) =>
        one.kind === 'call' && found.has(one.id) ? [...one.call.reads] : [],
    );
    return given.every((id) => found.has(id)) ? [...found] : connected([...found, ...given], way, paths);
}

function isRecorded(way: Way, id: number): boolean {
    const occurrence = way.occurrences.find((one) => one.id === id);
    return occurrence?.kind === 'table' && ['recorded', 'staged'].includes(occurrence.table.images.kind);
}

function subsets<T>(items: readonly T[]): readonly (readonly T[])[] {
    const [first, ...rest] = items;
    if (first === undefined) {
        return [[]];
    }
    const without = subsets(rest);
    return [...without, ...without.map((set) => [first, ...set])];
}

function valueOfColumn(column: EqualColumn): Value {
    return columnValue(column, 'none', false);
}

function equalityOfColumns(left: EqualColumn, right: EqualColumn, operator: '=' | 'is'): Condition {
    return equalityOf(valueOfColumn(left), valueOfColumn(right), operator) as Condition;
}
