import type { SqlExpression, SqlNode } from '../../../sql/grammar/sql-nodes.ts';
import { childNodes, nodeEnd, withoutParentheses } from '../../../sql/grammar/walk-nodes.ts';
import { type Fragment, onOneLine } from './fragment.ts';
import { nullLogic } from './null-logic.ts';
import type { Affinity, SchemaFacts } from './schema-facts.ts';
import { lookUp, type Scope, withoutAlias } from './scope.ts';
import { inParentheses, NULL_VALUE, type Told, union, type Value, withNulls } from './value.ts';
import type { Condition } from './way.ts';

/**
 * An expression with the columns of tables put in, as far as it can be told from the tables of one row; null where it
 * cannot: aggregates, windows, subqueries, parameters, what is no function of its arguments.
 */
export function tellExpression(expression: SqlExpression, scope: Scope, schema: SchemaFacts): Told {
    const known = nameOf(expression);
    if (known !== undefined) {
        return tellName(known, scope, schema);
    }
    if (isUntold(expression, schema)) {
        return null;
    }
    const parts = partsOf(expression);
    const values = new Map<SqlNode, Value>();
    for (const part of parts) {
        const value = tellExpression(part, scope, schema);
        if (value === null) {
            return null;
        }
        values.set(part, value);
    }
    if (comparesMixed(expression, values)) {
        return null;
    }
    const logic = nullLogic(expression, (part) => values.get(part));
    if (expression.type === 'NullLiteral' || logic.isNull) {
        return NULL_VALUE;
    }
    const all = [...values.values()];
    return {
        ...logic,
        text: textOf(expression, parts, values, scope.text),
        reads: union(...all.map((value) => value.reads)),
        sides: union(...all.map((value) => value.sides)),
        affinity: affinityOf(expression, values),
        isCollated: isCollation(expression) || all.some((value) => value.isCollated),
        column: undefined,
    };
}

/** A condition of `where` or `on`; null where it is left out. */
export function tellCondition(expression: SqlExpression, scope: Scope, schema: SchemaFacts): Condition | null {
    const inner = withoutParentheses(expression);
    const value = tellExpression(inner, scope, schema);
    if (value === null) {
        return null;
    }
    const isOr = inner.type === 'BinaryExpr' && inner.op === 'Or';
    const condition = { ...value, text: isOr ? ['(', ...value.text, ')'] : value.text };
    if (inner.type !== 'BinaryExpr' || (inner.op !== 'Equals' && inner.op !== 'Is')) {
        return { ...condition, equal: undefined, operands: undefined };
    }
    const [left, right] = [inner.left, inner.right].map((side) => tellExpression(side, scope, schema));
    return { ...condition, ...equals(left ?? null, right ?? null) };
}

/** The condition that two values are equal, by `=` or `is`; null where it is left out. */
export function equalityOf(left: Value, right: Value, operator: '=' | 'is'): Condition | null {
    if (left.affinity === 'mixed' || right.affinity === 'mixed') {
        return null;
    }
    const nullWith = operator === '=' ? union(left.nullWith, right.nullWith) : new Set<number>();
    return {
        ...NULL_VALUE,
        text: [...inParentheses(left), ` ${operator} `, ...inParentheses(right)],
        reads: union(left.reads, right.reads),
        sides: union(left.sides, right.sides),
        nullWith,
        untrueWith: nullWith,
        isNull: operator === '=' && (left.isNull || right.isNull),
        ...equals(left, right),
    };
}

function equals(left: Told, right: Told): Pick<Condition, 'equal' | 'operands'> {
    const [one, other] = [left, right].map((side) => (side?.isCollated === false ? side.column : undefined));
    return { equal: one && other ? [one, other] : undefined, operands: left && right ? [left, right] : undefined };
}

interface KnownName {
    readonly table: string | undefined;
    readonly column: string;
    readonly isBare: boolean;
}

function nameOf(expression: SqlExpression): KnownName | undefined {
    switch (expression.type) {
        case 'Id':
            return { table: undefined, column: expression.name.toLowerCase(), isBare: true };
        case 'NameExpr':
            return { table: undefined, column: expression.name.text.toLowerCase(), isBare: true };
        case 'QualifiedExpr':
            return {
                table: expression.table.text.toLowerCase(),
                column: expression.column.text.toLowerCase(),
                isBare: false,
            };
        default:
            return undefined;
    }
}

function tellName({ table, column, isBare }: KnownName, scope: Scope, schema: SchemaFacts): Told {
    const found = lookUp(scope, table, column);
    if (found === undefined) {
        const isConstant = isBare && (column === 'true' || column === 'false');
        return isConstant ? { ...NULL_VALUE, text: [column], isNull: false, mayBeNull: false } : null;
    }
    if ('expression' in found) {
        return tellExpression(found.expression, withoutAlias(found.scope, found.alias), schema);
    }
    return found.value === null ? null : withNulls(found.value, lostIn(scope));
}

function lostIn(scope: Scope): ReadonlySet<number> {
    const { lost } = scope.joined.way;
    return scope.outer === undefined ? lost : union(lost, lostIn(scope.outer));
}

function isUntold(expression: SqlExpression, schema: SchemaFacts): boolean {
    switch (expression.type) {
        case 'VariableExpr':
        case 'InTableExpr':
        case 'InSelectExpr':
        case 'ExistsExpr':
        case 'SubqueryExpr':
        case 'RaiseExpr':
        case 'CurrentDateLiteral':
        case 'CurrentTimeLiteral':
        case 'CurrentTimestampLiteral':
            return true;
        case 'FunctionCallExpr':
        case 'FunctionCallStarExpr': {
            const { name, filterOver } = expression;
            const count = expression.type === 'FunctionCallExpr' ? (expression.args?.length ?? 0) : 0;
            return filterOver !== undefined || schema.isAggregate(name.name, count) || !schema.isConstant(name.name);
        }
        default:
            return false;
    }
}

/** The expressions directly inside an expression, in the order of the text. */
function partsOf(expression: SqlNode): readonly SqlExpression[] {
    return childNodes(expression)
        .filter((child) => child.type !== 'Type' && !isFunctionName(expression, child))
        .flatMap((child) => (TRANSPARENT_NODES.has(child.type) ? partsOf(child) : [child as SqlExpression]))
        .sort((left, right) => left.span.offset - right.span.offset);
}

const TRANSPARENT_NODES: ReadonlySet<string> = new Set([
    'WhenThen',
    'SortedColumn',
    'SortListFunctionCallOrder',
    'WithinGroupFunctionCallOrder',
]);

function isFunctionName(expression: SqlNode, child: SqlNode): boolean {
    return 'name' in expression && expression.name === child;
}

function textOf(
    expression: SqlExpression,
    parts: readonly SqlExpression[],
    values: ReadonlyMap<SqlNode, Value>,
    text: string,
): Fragment {
    const fragment: (Fragment[number] | string)[] = [];
    let at = expression.span.offset;
    for (const part of parts) {
        const value = values.get(part) as Value;
        fragment.push(onOneLine(text.slice(at, part.span.offset)));
        fragment.push(...(nameOf(part) === undefined ? value.text : inParentheses(value)));
        at = nodeEnd(part);
    }
    fragment.push(onOneLine(text.slice(at, nodeEnd(expression))));
    return fragment.filter((part) => part !== '');
}

export const COMPARISONS: ReadonlySet<string> = new Set([
    'Equals',
    'NotEquals',
    'Less',
    'LessEquals',
    'Greater',
    'GreaterEquals',
    'Is',
    'IsNot',
]);

/** SQLite does not promise how a column of a `union` compares whose sides have different types. */
function comparesMixed(expression: SqlExpression, values: ReadonlyMap<SqlNode, Value>): boolean {
    const compares =
        (expression.type === 'BinaryExpr' && COMPARISONS.has(expression.op)) ||
        ['BetweenExpr', 'InListExpr'].includes(expression.type) ||
        (expression.type === 'CaseExpr' && expression.base !== undefined);
    return compares && [...values.values()].some((value) => value.affinity === 'mixed');
}

function affinityOf(expression: SqlExpression, values: ReadonlyMap<SqlNode, Value>): Affinity {
    if (expression.type === 'CastExpr') {
        return affinityOfType(expression.typeName?.name ?? '', false);
    }
    const [only] = values.values();
    if (expression.type === 'ParenthesizedExpr' && values.size > 1) {
        return [...values.values()].some((value) => value.affinity === 'mixed') ? 'mixed' : 'none';
    }
    return isTransparent(expression) && only !== undefined ? only.affinity : 'none';
}

/** Source: https://www.sqlite.org/datatype3.html, section 3.1. */
export function affinityOfType(type: string, isStrict: boolean): Affinity {
    const word = type.toUpperCase();
    if (word.includes('INT')) {
        return 'integer';
    }
    if (/CHAR|CLOB|TEXT/.test(word)) {
        return 'text';
    }
    if (word === '' || word.includes('BLOB') || (isStrict && word === 'ANY')) {
        return 'none';
    }
    return /REAL|FLOA|DOUB/.test(word) ? 'real' : 'numeric';
}

/** It has the affinity of the one expression inside it. */
function isTransparent(expression: SqlExpression): boolean {
    return (
        expression.type === 'CollateExpr' ||
        expression.type === 'CastExpr' ||
        (expression.type === 'ParenthesizedExpr' && expression.exprs.length === 1)
    );
}

function isCollation(expression: SqlExpression): boolean {
    return expression.type === 'CollateExpr' && expression.collation.toLowerCase() !== 'binary';
}
