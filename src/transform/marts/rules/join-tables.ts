import type { SqlExpression } from '../../../sql/grammar/sql-nodes.ts';
import { NotCovered, type Reading, type Surroundings } from './reading.ts';
import type { SchemaFacts } from './schema-facts.ts';
import type { Item, Joined, Scope } from './scope.ts';
import { equalityOf, tellCondition } from './tell-expression.ts';
import { NULL_VALUE, ofSide, type Told, union } from './value.ts';
import { glue, membersOf, type Way, withCondition, withOptional } from './way.ts';

/** Tables of a FROM clause that are joined so far. */
export interface JoinedTables {
    readonly rows: readonly Joined[];
    readonly changes: readonly Joined[];
    /** What `*` stands for, in order. */
    readonly columns: readonly StarColumn[];
}

export interface StarColumn {
    readonly alias: string;
    readonly column: string;
    /** One of two that `using` or a natural join has made one: `*` gives it once. */
    readonly isMerged?: boolean;
}

export interface JoinKind {
    readonly outer: 'none' | 'left' | 'right' | 'full';
    readonly isNatural: boolean;
}

/** How two sides are joined. */
export interface Join {
    readonly kind: JoinKind;
    readonly on: readonly SqlExpression[];
    readonly using: readonly string[];
}

type Match = (left: Joined, right: Joined) => readonly Joined[];

/**
 * The join of two sides. A row of a changed table and the rows of the other side that it matches are a way of change.
 * In an outer join a row also comes or goes with null columns when a match goes or comes: there the changed row matches
 * while its own columns are null or not.
 */
export function joinTables(
    left: JoinedTables,
    right: JoinedTables,
    join: Join,
    around: Surroundings,
    reading: Reading,
): JoinedTables {
    const { outer } = join.kind;
    const merged = mergedColumns(left, right, join);
    const match: Match = (one, other) => matched(one, other, { ...join, using: merged }, around, reading.schema);
    const columns = [
        ...left.columns,
        ...right.columns.map((star) => (merged.includes(star.column) ? { ...star, isMerged: true } : star)),
    ];
    const pairs = (ones: readonly Joined[], others: readonly Joined[]): readonly Joined[] =>
        reading.counted(ones.flatMap((one) => others.flatMap((other) => match(one, other))));
    if (outer === 'none') {
        return {
            rows: pairs(left.rows, right.rows),
            changes: [...pairs(left.changes, right.rows), ...pairs(left.rows, right.changes)],
            columns,
        };
    }
    const swapped: Match = (one, other) => match(other, one);
    const rows: Joined[] = [];
    const changes: Joined[] = [];
    if (outer !== 'right') {
        const side = asSide(right, reading);
        rows.push(...optionally(left.rows, side, match, reading));
        changes.push(...optionally(left.changes, side, match, reading));
        changes.push(...maybeNull(left.rows, side, match, reading));
    }
    if (outer !== 'left') {
        const side = asSide(left, reading);
        rows.push(...optionally(right.rows, side, swapped, reading));
        changes.push(...optionally(right.changes, side, swapped, reading));
        changes.push(...maybeNull(right.rows, side, swapped, reading));
    }
    return { rows, changes, columns };
}

/** The side of an outer join that may be missing. */
interface Side extends JoinedTables {
    readonly side: number;
}

/** The same tables, whose columns say that they come from a side that may be missing. */
function asSide(tables: JoinedTables, reading: Reading): Side {
    const side = reading.nextOccurrence();
    const marked = (columns: ReadonlyMap<string, Told>): ReadonlyMap<string, Told> => {
        return new Map([...columns].map(([name, value]) => [name, value && ofSide(value, side)]));
    };
    const joined = ({ way, items, merged }: Joined): Joined => ({
        way,
        items: items.map(({ alias, columns }) => ({ alias, columns: marked(columns) })),
        merged: marked(merged),
    });
    return { ...tables, rows: tables.rows.map(joined), changes: tables.changes.map(joined), side };
}

/** Each of `kept` with the side that it may find a match on. */
function optionally(kept: readonly Joined[], others: Side, match: Match, reading: Reading): readonly Joined[] {
    return reading.counted(
        kept.flatMap((one) => {
            const matches = others.rows.flatMap((other) => match(one, other));
            const [only] = matches;
            const alone = { ...one, items: [...one.items, ...nullItems(others)] };
            if (only === undefined) {
                return [alone];
            }
            // The usual case: one way to a match, which leaves the way before it as it was.
            const isPlain =
                matches.length === 1 && one.way.optionals.every((each) => only.way.optionals.includes(each));
            return isPlain
                ? [{ ...only, way: withOptional(one.way, only.way, membersBesides(only.way, one.way, others.side)) }]
                : [...matches, alone];
        }),
    );
}

/** Changed rows of the side that may be missing, beside the rows that they match: there with their columns, or null. */
function maybeNull(kept: readonly Joined[], others: Side, match: Match, reading: Reading): readonly Joined[] {
    return reading.counted(
        kept.flatMap((one) =>
            others.changes.flatMap((other) =>
                match(one, other).map((both) => {
                    const members = union(membersOf(other.way), new Set([others.side]));
                    return { ...both, way: withOptional(both.way, both.way, members) };
                }),
            ),
        ),
    );
}

/** The columns of a side without a match. */
function nullItems({ columns }: JoinedTables): readonly Item[] {
    const items = new Map<string, Map<string, Told>>();
    for (const { alias, column } of columns) {
        const item = items.get(alias) ?? new Map<string, Told>();
        items.set(alias, item.set(column, NULL_VALUE));
    }
    return [...items].map(([alias, values]) => ({ alias, columns: values }));
}

function membersBesides(whole: Way, part: Way, side: number): ReadonlySet<number> {
    const before = membersOf(part);
    return new Set([...[...membersOf(whole)].filter((id) => !before.has(id)), side]);
}

/** The ways in which a row of one side and one of the other match. */
function matched(
    left: Joined,
    right: Joined,
    join: Join,
    around: Surroundings,
    schema: SchemaFacts,
): readonly Joined[] {
    const merged = new Map([...left.merged, ...right.merged]);
    const both: Joined = { way: glue(left.way, right.way), items: [...left.items, ...right.items], merged };
    let ways: readonly Way[] = [both.way];
    for (const name of join.using) {
        const [one, other] = [columnOf(left, name), columnOf(right, name)];
        merged.set(name, one);
        const condition = one && other && equalityOf(one, other, '=');
        ways = condition === null ? ways : ways.flatMap((way) => withCondition(way, condition));
    }
    for (const expression of join.on) {
        ways = ways.flatMap((way) => {
            const condition = tellCondition(expression, scopeOf({ ...both, way }, around), schema);
            return condition === null ? [way] : withCondition(way, condition);
        });
    }
    return ways.map((way) => ({ ...both, way }));
}

function columnOf(joined: Joined, name: string): Told {
    return joined.merged.get(name) ?? joined.items.find(({ columns }) => columns.has(name))?.columns.get(name) ?? null;
}

export function scopeOf(joined: Joined, around: Surroundings, aliases: Scope['aliases'] = new Map()): Scope {
    return { text: around.text, joined, aliases, outer: around.outer };
}

/** The columns that `using` or a natural join makes one of two: the left one's value is the result's. */
function mergedColumns(left: JoinedTables, right: JoinedTables, { kind, using }: Join): readonly string[] {
    const names = kind.isNatural
        ? right.columns.map(({ column }) => column).filter((name) => left.columns.some(({ column }) => column === name))
        : using;
    if (names.length > 0 && (kind.outer === 'right' || kind.outer === 'full')) {
        throw new NotCovered(`a ${kind.outer} join merges columns`);
    }
    return names;
}
