import type { SqlExpression, SqlSelect } from '../../../sql/grammar/sql-nodes.ts';
import { rowMembers, walkShallow, withoutParentheses } from '../../../sql/grammar/walk-nodes.ts';
import { scopeOf } from './join-tables.ts';
import type { Reading, Relation, Row, Surroundings } from './reading.ts';
import type { Joined, Scope } from './scope.ts';
import { equalityOf, tellExpression } from './tell-expression.ts';
import { intersects, NULL_VALUE, type Told, type Value } from './value.ts';
import { type Condition, type Way, withCondition } from './way.ts';

/** A subquery in an expression, and how it is asked. */
export interface Subquery {
    readonly select: SqlSelect;
    /** Of `x in (select y …)`: x. */
    readonly sought: SqlExpression | undefined;
    /** Its condition must hold, so a null in the set is as good as no row. */
    readonly isPositive: boolean;
}

/** The subqueries directly inside an expression. `mustHold`: it is a condition of `where` or an inner join. */
export function subqueriesIn(expression: SqlExpression, mustHold: boolean): readonly Subquery[] {
    const found: Subquery[] = [];
    const top = withoutParentheses(expression);
    walkShallow(expression, (node) => {
        if (node.type === 'InSelectExpr') {
            found.push({ select: node.rhs, sought: node.lhs, isPositive: mustHold && node === top && !node.not });
            found.push(...subqueriesIn(node.lhs, false));
            return false;
        }
        if (node.type === 'Select') {
            found.push({ select: node, sought: undefined, isPositive: false });
        }
        return true;
    });
    return found;
}

/**
 * The ways on which a changed row of a subquery reaches the row that looks at it. What the subquery gives follows from
 * the rows that pass its conditions for that row, so it changes only where one of them changed.
 */
export function changesThrough(
    subquery: Subquery,
    joined: Joined,
    around: Surroundings,
    aliases: Scope['aliases'],
    reading: Reading,
    readSelect: (select: SqlSelect, around: Surroundings) => Relation,
): readonly Joined[] {
    const outer = scopeOf(joined, around, aliases);
    const inside: Surroundings = { ...around, outer, base: joined.way, asksRowsOnly: true };
    const relation = readSelect(subquery.select, inside);
    const { sought } = subquery;
    const ways = relation.changes.flatMap((change) =>
        sought === undefined || subquery.select.limit !== undefined
            ? [change.way]
            : waysOfSet(change, relation.names, sought, subquery.isPositive, outer, reading),
    );
    const why = 'a subquery has no connection to the row that asks it';
    return reading.counted(ways.map((way) => ({ ...joined, way: { ...way, why: way.why ?? why } })));
}

/**
 * `x in (select y …)`: a row of the set matters to the rows whose x is y. Where `in` does not stand alone, a null in the
 * set turns every answer that was false, and a null that is sought gets another answer from any set.
 */
function waysOfSet(
    change: Row,
    names: readonly string[],
    sought: SqlExpression,
    isPositive: boolean,
    outer: Scope,
    reading: Reading,
): readonly Way[] {
    const pairs = rowMembers(sought).map((member, index): readonly [Told, Told] => [
        tellExpression(member, outer, reading.schema),
        change.columns.get(names[index] ?? '') ?? null,
    ]);
    let equal: readonly Way[] = [change.way];
    for (const [one, other] of pairs) {
        const condition = one && other && equalityOf(one, other, '=');
        equal = condition === null ? equal : equal.flatMap((way) => withCondition(way, condition));
    }
    if (isPositive) {
        return equal;
    }
    const nulls = pairs.flat().filter((value) => value === null || canBeNull(value, change.way));
    return [
        ...equal,
        ...nulls.flatMap((value) => (value === null ? [change.way] : withCondition(change.way, isNull(value)))),
    ];
}

function canBeNull({ mayBeNull, nullWith }: Value, { optionals, lost }: Way): boolean {
    return mayBeNull || [lost, ...optionals.map(({ members }) => members)].some((ids) => intersects(ids, nullWith));
}

function isNull(value: Value): Condition {
    return {
        ...NULL_VALUE,
        text: [...(value.column === undefined ? ['(', ...value.text, ')'] : value.text), ' is null'],
        reads: value.reads,
        sides: value.sides,
        isNull: false,
        equal: undefined,
        operands: undefined,
    };
}
