import type { TableFacts } from './schema-facts.ts';
import { asked, intersects, renumbered, union, type Value, withNulls } from './value.ts';

/** A table at one place of a way. */
export type Occurrence =
    | { readonly id: number; readonly kind: 'table'; readonly table: TableFacts; readonly alias: string }
    /** A table function: its rows follow from its arguments. */
    | {
          readonly id: number;
          readonly kind: 'call';
          readonly name: string;
          readonly call: Value;
          readonly alias: string;
      }
    /** A model that has run since this mart did: of its table no row is known. */
    | { readonly id: number; readonly kind: 'ran'; readonly model: string };

/** A condition that holds for every row of a way. */
export interface Condition extends Value {
    /** Two columns that it makes equal. */
    readonly equal: readonly [EqualColumn, EqualColumn] | undefined;
    /** `=` or `is` of these two. */
    readonly operands: readonly [Value, Value] | undefined;
}

export interface EqualColumn {
    readonly occurrence: number;
    readonly column: string;
    readonly type: string;
}

/** The side of an outer join that may find no match: then its columns are null, and those of `members`. */
interface Optional {
    /** Itself, by a number of its own, and what it is made of. */
    readonly members: ReadonlySet<number>;
    /** What a match adds to the way. */
    readonly occurrences: readonly Occurrence[];
    readonly conditions: readonly Condition[];
    readonly optionals: readonly Optional[];
}

/**
 * A flat join of tables with its conditions. Rows come from ways: a row of a SELECT is made of one row for each
 * occurrence, and whichever of them match, more conditions would hold than are kept here, never fewer.
 */
export interface Way {
    readonly occurrences: readonly Occurrence[];
    readonly conditions: readonly Condition[];
    readonly optionals: readonly Optional[];
    /** Occurrences whose columns are null in this way. */
    readonly lost: ReadonlySet<number>;
    /** Why a change of it may reach any key; undefined: it does not, or not by a rule of its own. */
    readonly why: string | undefined;
    /** The occurrence of which changed rows are taken; undefined: none, the way is of the rows as they are. */
    readonly start: number | undefined;
}

export const EMPTY_WAY: Way = {
    occurrences: [],
    conditions: [],
    optionals: [],
    lost: new Set(),
    why: undefined,
    start: undefined,
};

export function glue(left: Way, right: Way): Way {
    const held = new Set(left.occurrences.map(({ id }) => id));
    return {
        occurrences: [...left.occurrences, ...right.occurrences.filter(({ id }) => !held.has(id))],
        conditions: [...left.conditions, ...right.conditions.filter((one) => !left.conditions.includes(one))],
        optionals: [...left.optionals, ...right.optionals.filter((one) => !left.optionals.includes(one))],
        lost: union(left.lost, right.lost),
        why: left.why ?? right.why,
        start: left.start ?? right.start,
    };
}

/** All occurrences of a way, and those that it may have besides. */
export function membersOf(way: Way): ReadonlySet<number> {
    return new Set([...way.occurrences.map(({ id }) => id), ...way.optionals.flatMap(({ members }) => [...members])]);
}

/** The ways that a way falls into where something asks for columns that may be null for want of a match. */
export function settle(way: Way, asks: ReadonlySet<number>): readonly Way[] {
    const optional = way.optionals.find(({ members }) => intersects(members, asks));
    if (optional === undefined) {
        return [way];
    }
    const others = way.optionals.filter((one) => one !== optional);
    const matched: Way = {
        ...way,
        occurrences: [...way.occurrences, ...optional.occurrences],
        conditions: [...way.conditions, ...optional.conditions],
        optionals: [...others, ...optional.optionals],
    };
    const unmatched: Way = { ...way, optionals: others, lost: union(way.lost, optional.members) };
    return [matched, unmatched].filter(isPossible).flatMap((variant) => settle(variant, asks));
}

/** The way with all that it may have besides: where every side of an outer join finds a match. */
export function fullyMatched(way: Way): Way {
    const [optional, ...others] = way.optionals;
    return optional === undefined
        ? way
        : fullyMatched({
              ...way,
              occurrences: [...way.occurrences, ...optional.occurrences],
              conditions: [...way.conditions, ...optional.conditions],
              optionals: [...others, ...optional.optionals],
          });
}

/** Makes `part`, which is glued to `way` where there is a match, a side that may find none. */
export function withOptional(way: Way, matched: Way, members: ReadonlySet<number>): Way {
    const optional: Optional = {
        members,
        occurrences: matched.occurrences.filter((one) => !way.occurrences.includes(one)),
        conditions: matched.conditions.filter((one) => !way.conditions.includes(one)),
        optionals: matched.optionals.filter((one) => !way.optionals.includes(one)),
    };
    return { ...way, optionals: [...way.optionals, optional] };
}

/** The ways of `way` in which a condition may hold; without it where it says nothing about the way. */
export function withCondition(way: Way, condition: Condition): readonly Way[] {
    const variants = settle(way, asked(condition)).flatMap((variant) => {
        const { untrueWith, trueOnlyWith } = condition;
        if (intersects(untrueWith, variant.lost) || (trueOnlyWith && !intersects(trueOnlyWith, variant.lost))) {
            return [];
        }
        const here = conditionIn(condition, variant);
        return here.isNull ? [] : [here.reads.size === 0 ? variant : addCondition(variant, here)];
    });
    if (variants.length < 2) {
        return variants;
    }
    // A condition on the side that may be missing and on nothing else can be left out: it only finds more.
    const optional = way.optionals.filter(({ members }) => intersects(members, asked(condition)));
    const inside = union(...optional.map(({ members }) => members));
    return [...condition.reads].every((id) => inside.has(id)) ? [way] : variants;
}

/** A way of a correlated subquery, behind the row that looks at it. */
export function onBase(base: Way, way: Way): readonly Way[] {
    if (base.occurrences.length === 0) {
        return [way];
    }
    // What asks for a side of the outer row that may be missing is asked once both are one way.
    const members = union(...base.optionals.map((optional) => optional.members));
    const open = way.conditions.filter((condition) => intersects(asked(condition), members));
    let ways: readonly Way[] = [
        glue(base, { ...way, conditions: way.conditions.filter((one) => !open.includes(one)) }),
    ];
    for (const condition of open) {
        ways = ways.flatMap((one) => withCondition(one, condition));
    }
    return ways;
}

function addCondition(way: Way, condition: Condition): Way {
    return { ...way, conditions: [...way.conditions, condition] };
}

function conditionIn(condition: Condition, way: Way): Condition {
    const value = withNulls(condition, way.lost);
    return value === condition ? condition : { ...condition, ...value, equal: undefined, operands: undefined };
}

/** A table function of a null gives no rows; one that is missing together with its arguments is there where they are. */
function isPossible(way: Way): boolean {
    return way.occurrences.every(
        (one) => one.kind !== 'call' || way.lost.has(one.id) || !intersects(one.call.reads, way.lost),
    );
}

/** A copy with occurrences of its own. */
export function freshCopy(
    way: Way,
    next: () => number,
): { readonly way: Way; readonly numbers: ReadonlyMap<number, number> } {
    const numbers = new Map([...membersOf(way)].map((id) => [id, next()]));
    const collect = (optionals: readonly Optional[]): void => {
        for (const { occurrences, members, optionals: inner } of optionals) {
            for (const id of [...members, ...occurrences.map((one) => one.id)]) {
                numbers.set(id, numbers.get(id) ?? next());
            }
            collect(inner);
        }
    };
    collect(way.optionals);
    return { way: renumberWay(way, numbers), numbers };
}

function renumberWay(way: Way, numbers: ReadonlyMap<number, number>): Way {
    const of = (id: number): number => numbers.get(id) ?? id;
    const occurrence = (one: Occurrence): Occurrence => ({
        ...one,
        id: of(one.id),
        ...(one.kind === 'call' ? { call: renumbered(one.call, numbers) } : {}),
    });
    const condition = (one: Condition): Condition => ({
        ...one,
        ...renumbered(one, numbers),
        equal: one.equal && [equal(one.equal[0]), equal(one.equal[1])],
        operands: one.operands && [renumbered(one.operands[0], numbers), renumbered(one.operands[1], numbers)],
    });
    const equal = (one: EqualColumn): EqualColumn => ({ ...one, occurrence: of(one.occurrence) });
    const optional = (one: Optional): Optional => ({
        members: new Set([...one.members].map(of)),
        occurrences: one.occurrences.map(occurrence),
        conditions: one.conditions.map(condition),
        optionals: one.optionals.map(optional),
    });
    return {
        occurrences: way.occurrences.map(occurrence),
        conditions: way.conditions.map(condition),
        optionals: way.optionals.map(optional),
        lost: new Set([...way.lost].map(of)),
        why: way.why,
        start: way.start === undefined ? undefined : of(way.start),
    };
}
