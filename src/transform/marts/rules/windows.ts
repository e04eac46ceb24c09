import type { SqlCore, SqlExpression, SqlNode, SqlOver, SqlWindow } from '../../../sql/grammar/sql-nodes.ts';
import { nodeText, walkShallow } from '../../../sql/grammar/walk-nodes.ts';
import { wordKey } from './fragment.ts';
import { scopeOf } from './join-tables.ts';
import { freshRow, NotCovered, type Reading, type Surroundings } from './reading.ts';
import type { ResultColumn } from './result-columns.ts';
import type { Joined, Scope } from './scope.ts';
import { equalityOf, tellExpression } from './tell-expression.ts';
import { asked, isSameValue, type Told } from './value.ts';
import { glue, type Way, withCondition } from './way.ts';

type SelectFrom = Extract<SqlCore, { type: 'SelectFrom' }>;

interface Inside {
    readonly rows: readonly Joined[];
    readonly changes: readonly Joined[];
    readonly around: Surroundings;
    readonly aliases: Scope['aliases'];
    readonly group: (joined: Joined) => readonly Told[] | undefined;
}

/** Rows whose window functions may give something else: those that share a partition with a row that changed. */
export function windowChanges(
    core: SelectFrom,
    columns: readonly ResultColumn[],
    orderBy: readonly { readonly expr: SqlExpression }[],
    inside: Inside,
    reading: Reading,
): readonly Joined[] {
    const expressions = [
        ...columns.flatMap(({ source }) => ('expression' in source ? [source.expression] : [])),
        ...orderBy.map(({ expr }) => expr),
    ];
    const partitions = new Map(
        expressions
            .flatMap((expression) => partitionsIn(expression, core))
            .map((partition) => [partition.map((one) => wordKey(nodeText(inside.around.text, one))).join(), partition]),
    );
    return [...partitions.values()].flatMap((partition) =>
        reading.counted(
            inside.rows.flatMap((row) =>
                inside.changes.flatMap((change) => mates(row, change, partition, inside, reading)),
            ),
        ),
    );
}

/** The partitions of the window functions in an expression. */
export function partitionsIn(expression: SqlNode, core: SelectFrom): readonly (readonly SqlExpression[])[] {
    const found: (readonly SqlExpression[])[] = [];
    walkShallow(expression, (node) => {
        const over =
            node.type === 'FunctionCallExpr' || node.type === 'FunctionCallStarExpr'
                ? node.filterOver?.overClause
                : undefined;
        if (over !== undefined) {
            found.push(partitionOf(windowOf(over, core), core));
        }
        return true;
    });
    return found;
}

function windowOf(over: SqlOver, core: SelectFrom): SqlWindow {
    return over.type === 'WindowOver' ? over.window : namedWindow(over.name.text, core);
}

function namedWindow(name: string, core: SelectFrom): SqlWindow {
    const found = core.windowClause?.find((one) => one.name.text.toLowerCase() === name.toLowerCase());
    if (found === undefined) {
        throw new NotCovered(`no window is called "${name}"`);
    }
    return found.window;
}

function partitionOf(window: SqlWindow, core: SelectFrom): readonly SqlExpression[] {
    if (window.partitionBy !== undefined) {
        return window.partitionBy;
    }
    return window.base === undefined ? [] : partitionOf(namedWindow(window.base.text, core), core);
}

/** `row` where it may share a partition with the changed row. */
function mates(
    row: Joined,
    change: Joined,
    partition: readonly SqlExpression[],
    { around, aliases, group }: Inside,
    reading: Reading,
): readonly Joined[] {
    const other = freshJoined(change, reading);
    const [ofRow, ofOther] = [scopeOf(row, around, aliases), scopeOf(other, around, aliases)];
    const grouped = group(row);
    const why = partition.length === 0 ? 'a window looks at all rows' : undefined;
    const both = glue(row.way, other.way);
    let ways: readonly Way[] = [{ ...both, why: both.why ?? why }];
    for (const expression of partition) {
        const one = tellExpression(expression, ofRow, reading.schema);
        const two = tellExpression(expression, ofOther, reading.schema);
        // Of grouped rows only what they are grouped by is theirs.
        const isTheirs = one !== null && (grouped === undefined || isConstantOrOf(one, grouped));
        const condition = isTheirs && two !== null ? equalityOf(one, two, 'is') : null;
        ways = condition === null ? ways : ways.flatMap((way) => withCondition(way, condition));
    }
    return ways.map((way) => ({ ...row, way }));
}

function isConstantOrOf(value: NonNullable<Told>, grouped: readonly Told[]): boolean {
    return asked(value).size === 0 || grouped.some((one) => one !== null && isSameValue(one, value));
}

function freshJoined(joined: Joined, reading: Reading): Joined {
    // All values of a way are renumbered together.
    const names = joined.items.flatMap((item, index) => [...item.columns.keys()].map((name) => ({ index, name })));
    const key = (index: number, name: string): string => `${index} ${name}`;
    const values = names.map(
        ({ index, name }) => [key(index, name), joined.items[index]?.columns.get(name) ?? null] as const,
    );
    const merged = [...joined.merged].map(([name, value]) => [key(-1, name), value] as const);
    const fresh = freshRow({ way: joined.way, columns: new Map([...values, ...merged]) }, reading);
    const of = (index: number, name: string): Told => fresh.columns.get(key(index, name)) ?? null;
    return {
        way: fresh.way,
        items: joined.items.map(({ alias, columns }, index) => ({
            alias,
            columns: new Map([...columns.keys()].map((name) => [name, of(index, name)])),
        })),
        merged: new Map([...joined.merged.keys()].map((name) => [name, of(-1, name)])),
    };
}
