import { type ColumnRef, type Fragment, fragmentKey, renumberedText, withoutLost } from './fragment.ts';
import type { Affinity } from './schema-facts.ts';

/** An expression over the columns of the tables of a way. */
export interface Value {
    readonly text: Fragment;
    /** The occurrences whose columns it reads. */
    readonly reads: ReadonlySet<number>;
    /** The sides of outer joins that it comes from: it is null where one of them finds no match. */
    readonly sides: ReadonlySet<number>;
    /** It is null where the columns of one of these are, or where one of these sides is missing. */
    readonly nullWith: ReadonlySet<number>;
    /** As a condition it is not true where the columns of one of these are null. */
    readonly untrueWith: ReadonlySet<number>;
    /** As a condition it is true only where the columns of one of these are null; undefined: elsewhere too. */
    readonly trueOnlyWith: ReadonlySet<number> | undefined;
    readonly affinity: Affinity;
    /** Null in every row. */
    readonly isNull: boolean;
    /** False: it is null at most where the columns of one of `nullWith` are. */
    readonly mayBeNull: boolean;
    /** Compared by another collation than by bytes: equal values may differ. */
    readonly isCollated: boolean;
    /** It is this column as it stands. */
    readonly column: (ColumnRef & { readonly type: string }) | undefined;
}

/** Null: what cannot be said from the tables of one row, such as a count. */
export type Told = Value | null;

export const NOBODY: ReadonlySet<number> = new Set();

export const NULL_VALUE: Value = {
    text: ['null'],
    reads: NOBODY,
    sides: NOBODY,
    nullWith: NOBODY,
    untrueWith: NOBODY,
    trueOnlyWith: undefined,
    affinity: 'none',
    isNull: true,
    mayBeNull: true,
    isCollated: false,
    column: undefined,
};

export function columnValue(
    ref: ColumnRef & { readonly type: string },
    affinity: Affinity,
    isRequired: boolean,
): Value {
    const reads = new Set([ref.occurrence]);
    return {
        ...NULL_VALUE,
        text: [{ occurrence: ref.occurrence, column: ref.column }],
        reads,
        nullWith: reads,
        untrueWith: reads,
        affinity,
        isNull: false,
        mayBeNull: !isRequired,
        column: ref,
    };
}

/** What a value is in a row in which all columns of the occurrences `lost`, and of the sides among them, are null. */
export function withNulls(value: Value, lost: ReadonlySet<number>): Value {
    if (intersects(value.nullWith, lost)) {
        return NULL_VALUE;
    }
    if (!intersects(asked(value), lost)) {
        return value;
    }
    return {
        ...value,
        text: withoutLost(value.text, lost),
        reads: without(value.reads, lost),
        sides: without(value.sides, lost),
        nullWith: without(value.nullWith, lost),
        untrueWith: without(value.untrueWith, lost),
        trueOnlyWith: undefined,
        mayBeNull: true,
        column: undefined,
    };
}

/** What decides over a value: the tables that it reads, and whether the sides that it comes from are there. */
export function asked(value: Pick<Value, 'reads' | 'sides'>): ReadonlySet<number> {
    return value.sides.size === 0 ? value.reads : union(value.reads, value.sides);
}

/** A column of a side of an outer join: whatever it is made of, it is null where the side is missing. */
export function ofSide(value: Value, side: number): Value {
    const sides = new Set([side]);
    return {
        ...value,
        text: value.column === undefined ? [{ side, text: value.text }] : value.text,
        sides: union(value.sides, sides),
        nullWith: union(value.nullWith, sides),
        untrueWith: union(value.untrueWith, sides),
    };
}

/** The same value of other occurrences. */
export function renumbered(value: Value, numbers: ReadonlyMap<number, number>): Value {
    const of = (id: number): number => numbers.get(id) ?? id;
    const all = (ids: ReadonlySet<number>): ReadonlySet<number> => new Set([...ids].map(of));
    return {
        ...value,
        text: renumberedText(value.text, of),
        reads: all(value.reads),
        sides: all(value.sides),
        nullWith: all(value.nullWith),
        untrueWith: all(value.untrueWith),
        trueOnlyWith: value.trueOnlyWith && all(value.trueOnlyWith),
        column: value.column && { ...value.column, occurrence: of(value.column.occurrence) },
    };
}

export function isSameValue(left: Value, right: Value): boolean {
    return fragmentKey(left.text) === fragmentKey(right.text);
}

/** As a part of a larger expression. */
export function inParentheses(value: Value): Fragment {
    return value.column !== undefined || value.isNull ? value.text : ['(', ...value.text, ')'];
}

export function union<T>(...sets: readonly ReadonlySet<T>[]): ReadonlySet<T> {
    return new Set(sets.flatMap((set) => [...set]));
}

export function intersects<T>(left: ReadonlySet<T>, right: ReadonlySet<T>): boolean {
    return [...left].some((one) => right.has(one));
}

export function without<T>(set: ReadonlySet<T>, removed: ReadonlySet<T>): ReadonlySet<T> {
    return new Set([...set].filter((one) => !removed.has(one)));
}
