import type { SqlExpression } from '../../sql/grammar/sql-nodes.ts';
import { rowMembers } from '../../sql/grammar/walk-nodes.ts';
import { comparable, textOf, value } from './engine-values.ts';
import { asciiLower, globPattern } from './text-patterns.ts';
import type { Place, Translation } from './translation.ts';

type Operator = 'Equals' | 'NotEquals' | 'Less' | 'LessEquals' | 'Greater' | 'GreaterEquals';

const SIGNS: Readonly<Record<Operator, string>> = {
    Equals: '=',
    NotEquals: '<>',
    Less: '<',
    LessEquals: '<=',
    Greater: '>',
    GreaterEquals: '>=',
};

/** A comparison; of row values written out, because engines differ in what they make of a null within one. */
export function comparison(
    left: SqlExpression,
    op: Operator,
    right: SqlExpression,
    place: Place,
    to: Translation,
): string {
    const [lefts, rights] = [rowMembers(left), rowMembers(right)];
    if (lefts.length !== rights.length) {
        return to.refuse('a row value that is compared with a subquery', left);
    }
    return lefts.length === 1 ? compared(left, op, right, place, to) : comparedRows(lefts, op, rights, place, to);
}

function compared(left: SqlExpression, op: Operator, right: SqlExpression, place: Place, to: Translation): string {
    const [first, second, type] = comparable(left, right, place, to);
    const isOrder = op !== 'Equals' && op !== 'NotEquals';
    return isOrder && type === 'text'
        ? `${to.dialect.byBytes(first)} ${SIGNS[op]} ${to.dialect.byBytes(second)}`
        : `${first} ${SIGNS[op]} ${second}`;
}

function comparedRows(
    lefts: readonly SqlExpression[],
    op: Operator,
    rights: readonly SqlExpression[],
    place: Place,
    to: Translation,
): string {
    const [left, right] = [lefts[0] as SqlExpression, rights[0] as SqlExpression];
    const last = compared(left, op, right, place, to);
    if (lefts.length === 1) {
        return last;
    }
    const rest = comparedRows(lefts.slice(1), op, rights.slice(1), place, to);
    if (op === 'Equals' || op === 'NotEquals') {
        return `(${last} ${op === 'Equals' ? 'and' : 'or'} ${rest})`;
    }
    const strict = op === 'Less' || op === 'LessEquals' ? 'Less' : 'Greater';
    const [before, same] = [compared(left, strict, right, place, to), compared(left, 'Equals', right, place, to)];
    return `(${before} or (${same} and ${rest}))`;
}

export function translateIn(
    expression: Extract<SqlExpression, { type: 'InListExpr' | 'InSelectExpr' }>,
    place: Place,
    to: Translation,
): string {
    const not = expression.not ? ' not' : '';
    if (expression.type === 'InSelectExpr') {
        const members = rowMembers(expression.lhs).map((one) => value(one, place, to));
        const { sql, columns } = to.select(expression.rhs, place.names, place.scope);
        const differ = members.some(({ type }, index) => type !== columns[index]?.type);
        if (differ || members.length !== columns.length) {
            return to.refuse('"in" between values of several types', expression.lhs);
        }
        const isFilter = place.filters?.has(expression) === true;
        const list = members.map((one) => one.sql).join(', ');
        if (members.length > 1) {
            // Engines differ in what a null within a row makes of the others.
            return isFilter && !expression.not
                ? `(${list}) in (${sql})`
                : to.refuse('row values "in" a subquery, other than as a condition of its own in "where"', expression);
        }
        return to.dialect.hasPlainSubqueries && !isFilter
            ? `${expression.not ? 'not ' : ''}${inWithNull(list, sql)}`
            : `${list}${not} in (${sql})`;
    }
    if (rowMembers(expression.lhs).length > 1) {
        return to.refuse('a list of row values', expression.lhs);
    }
    const items = expression.rhs ?? [];
    if (items.length === 0) {
        return expression.not ? 'true' : 'false';
    }
    const compare = items.map((item) => comparable(expression.lhs, item, place, to));
    return `${compare[0]?.[0]}${not} in (${compare.map(([, second]) => second).join(', ')})`;
}

/**
 * Spark answers "in" with a subquery by a join: false where the answer is null. In a "where" of its own that is the same;
 * elsewhere the three answers are written out.
 */
function inWithNull(left: string, select: string): string {
    const listed = (condition: string): string =>
        `exists (select 1 from (\n${select}\n) as elt_listed (one)${condition === '' ? '' : ` where ${condition}`})`;
    return `(case
    when ${listed(`elt_listed.one = ${left}`)} then true
    when ${left} is null and ${listed('')} then cast(null as boolean)
    when ${listed('elt_listed.one is null')} then cast(null as boolean)
    else false
end)`;
}

/** `like` and `glob` with a pattern that is written out. */
export function translatePattern(
    expression: Extract<SqlExpression, { type: 'LikeExpr' }>,
    place: Place,
    to: Translation,
): string {
    const { op, lhs, rhs } = expression;
    if (rhs.type !== 'StringLiteral' || (op !== 'Like' && op !== 'Glob') || expression.escape !== undefined) {
        return to.refuse(`"${op.toLowerCase()}" with a pattern that is not written out`, expression);
    }
    const text = textOf(lhs, place, to);
    const not = expression.not ? 'not ' : '';
    if (op === 'Glob') {
        const pattern = globPattern(rhs.value);
        return pattern === undefined
            ? to.refuse(`the pattern ${rhs.value}`, rhs)
            : `${not}${to.dialect.matches(text, pattern)}`;
    }
    // SQLite ignores the case of ASCII letters, and has no escape character unless one is named.
    const pattern = to.dialect.text(
        rhs.value.replaceAll('~', '~~').replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
    );
    return `${asciiLower(text)}${expression.not ? ' not' : ''} like ${pattern} escape '~'`;
}
