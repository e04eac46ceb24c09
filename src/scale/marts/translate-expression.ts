import type { SqlExpression, SqlSelect } from '../../sql/grammar/sql-nodes.ts';
import { rowMembers, withoutParentheses } from '../../sql/grammar/walk-nodes.ts';
import { findColumn } from './engine-scope.ts';
import { commonEngineType, engineTypeOf } from './engine-type.ts';
import { comparable, condition, SQLITE_TYPE, textOf, value, valueAs, words } from './engine-values.ts';
import { asAggregate } from './first-of-order.ts';
import { NotTranslated } from './not-translated.ts';
import { comparison, translateIn, translatePattern } from './translate-comparison.ts';
import { hasAggregate, translateCall, translateCountStar } from './translate-function.ts';
import type { Place, Translated, Translation } from './translation.ts';

/** Translates an expression; what might have another value than in SQLite is refused. */
export function translateExpression(expression: SqlExpression, place: Place, to: Translation): Translated {
    const inner = (one: SqlExpression): Translated => translateExpression(one, place, to);
    switch (expression.type) {
        case 'Id':
        case 'NameExpr':
            return named(expression.type === 'Id' ? expression.name : expression.name.text, expression, place, to);
        case 'QualifiedExpr':
            return column(expression.table.text, expression.column.text, expression, place, to);
        case 'NullLiteral':
            return { sql: 'null', type: 'null' };
        case 'StringLiteral':
            return { sql: to.dialect.text(expression.value), type: 'text' };
        case 'NumericLiteral':
            return numberLiteral(expression.value, expression, to);
        case 'ParenthesizedExpr': {
            const [only, ...others] = expression.exprs;
            if (only === undefined || others.length > 0) {
                return to.refuse('a row value outside a comparison', expression);
            }
            const { sql, type } = inner(only);
            return { sql: `(${sql})`, type };
        }
        case 'CastExpr':
            return cast(expression, place, to);
        case 'UnaryExpr':
            return unary(expression, place, to);
        case 'BinaryExpr':
            return binary(expression, place, to);
        case 'BetweenExpr': {
            const low = comparison(expression.lhs, 'GreaterEquals', expression.start, place, to);
            const high = comparison(expression.lhs, 'LessEquals', expression.end, place, to);
            return { sql: `${expression.not ? 'not ' : ''}(${low} and ${high})`, type: 'boolean' };
        }
        case 'InListExpr':
        case 'InSelectExpr':
            return { sql: translateIn(expression, place, to), type: 'boolean' };
        case 'LikeExpr':
            return { sql: translatePattern(expression, place, to), type: 'boolean' };
        case 'IsNullExpr':
            return { sql: `${value(expression.expr, place, to).sql} is null`, type: 'boolean' };
        case 'NotNullExpr':
            return { sql: `${value(expression.expr, place, to).sql} is not null`, type: 'boolean' };
        case 'ExistsExpr':
            return { sql: `exists (${to.select(expression.select, place.names, place.scope).sql})`, type: 'boolean' };
        case 'CaseExpr':
            return caseOf(expression, place, to);
        case 'SubqueryExpr': {
            const select = to.dialect.hasPlainSubqueries ? asAggregate(expression.select) : expression.select;
            refuseForEachRow(select, expression, place, to);
            const { sql, columns } = to.select(select, place.names, place.scope);
            return { sql: `(${sql})`, type: columns[0]?.type ?? 'any' };
        }
        case 'FunctionCallStarExpr':
            return translateCountStar(expression, place, to);
        case 'FunctionCallExpr':
            return translateCall(expression, place, to);
        default:
            return to.refuse(`${WORDS[expression.type] ?? expression.type} is outside the subset`, expression);
    }
}

const WORDS: Readonly<Record<string, string>> = {
    BlobLiteral: 'a blob',
    CollateExpr: '"collate"',
    InTableExpr: '"in" with the name of a table',
    VariableExpr: 'a parameter',
};

/** Spark runs a subquery for each row only if it is one aggregate, which it can compute for all rows at once. */
function refuseForEachRow(select: SqlSelect, node: SqlExpression, place: Place, to: Translation): void {
    const [column] = select.select.type === 'SelectFrom' ? select.select.columns : [];
    const value = column?.type === 'ExprResultColumn' ? column.expr : undefined;
    const isAggregate =
        select.limit === undefined && select.compounds === undefined && value !== undefined && hasAggregate(value);
    if (to.dialect.hasPlainSubqueries && !isAggregate && isCorrelated(select, place, to)) {
        to.refuse('a subquery for each row that is not one aggregate', node, 'write it as a join or a window');
    }
}

function isCorrelated(select: SqlSelect, place: Place, to: Translation): boolean {
    try {
        to.select(select, place.names, undefined);
        return false;
    } catch (error) {
        if (error instanceof NotTranslated) {
            return true;
        }
        throw error;
    }
}

function named(name: string, expression: SqlExpression, place: Place, to: Translation): Translated {
    const own = { ...place.scope, outer: undefined };
    const alias = place.scope.aliases.get(name.toLowerCase());
    if (findColumn(own, undefined, name) === undefined && alias !== undefined && alias !== expression) {
        const { sql, type } = translateExpression(alias, place, to);
        return { sql: `(${sql})`, type };
    }
    if (findColumn(place.scope, undefined, name) === undefined && /^(true|false)$/i.test(name)) {
        return { sql: name.toLowerCase(), type: 'boolean' };
    }
    return column(undefined, name, expression, place, to);
}

function column(
    table: string | undefined,
    name: string,
    expression: SqlExpression,
    { scope }: Place,
    to: Translation,
): Translated {
    const found = findColumn(scope, table, name);
    if (found === undefined) {
        return to.refuse(
            `there is no column "${table === undefined ? '' : `${table}.`}${name}" in its tables`,
            expression,
        );
    }
    const { item, column: of } = found;
    return { sql: `${to.dialect.name(item.alias)}.${to.dialect.name(of.name)}`, type: of.type };
}

function numberLiteral(text: string, expression: SqlExpression, to: Translation): Translated {
    if (/^\d+$/.test(text) && BigInt(text) <= 9_223_372_036_854_775_807n) {
        return { sql: text, type: 'integer' };
    }
    return /^[\d.]+(e[+-]?\d+)?$/i.test(text)
        ? { sql: `cast(${to.dialect.text(text)} as ${to.dialect.type('REAL')})`, type: 'real' }
        : to.refuse(`the number ${text}`, expression);
}

function cast(expression: Extract<SqlExpression, { type: 'CastExpr' }>, place: Place, to: Translation): Translated {
    const wanted = engineTypeOf(expression.typeName?.name ?? '');
    const given = value(expression.expr, place, to);
    const sqlType = to.dialect.type(SQLITE_TYPE[wanted]);
    if (given.type === wanted && wanted !== 'any') {
        return given;
    }
    switch (`${given.type} ${wanted}`) {
        case 'null text':
        case 'null integer':
        case 'null real':
        case 'integer text':
        case 'integer real':
            return { sql: `cast(${given.sql} as ${sqlType})`, type: wanted };
        case 'real integer':
            return { sql: to.dialect.truncated(given.sql), type: 'integer' };
        default:
            return to.refuse(`a cast of ${words(given.type)} to ${expression.typeName?.name ?? 'nothing'}`, expression);
    }
}

function unary(expression: Extract<SqlExpression, { type: 'UnaryExpr' }>, place: Place, to: Translation): Translated {
    if (expression.op === 'Not') {
        return { sql: `not (${condition(expression.expr, place, to)})`, type: 'boolean' };
    }
    const { sql, type } = value(expression.expr, place, to);
    const isNumber = type === 'integer' || type === 'real';
    if (!isNumber || expression.op === 'BitwiseNot') {
        return to.refuse(`this operator on ${words(type)}`, expression);
    }
    return { sql: expression.op === 'Negative' ? `-${sql.startsWith('-') ? `(${sql})` : sql}` : sql, type };
}

type Binary = Extract<SqlExpression, { type: 'BinaryExpr' }>;

function binary(expression: Binary, place: Place, to: Translation): Translated {
    const { left, op, right } = expression;
    switch (op) {
        case 'And':
        case 'Or': {
            const word = op === 'And' ? 'and' : 'or';
            return { sql: `${condition(left, place, to)} ${word} ${condition(right, place, to)}`, type: 'boolean' };
        }
        case 'Add':
        case 'Subtract':
        case 'Multiply':
        case 'Divide':
        case 'Modulus':
            return arithmetic(expression, place, to);
        case 'Concat':
            return { sql: `(${textOf(left, place, to)} || ${textOf(right, place, to)})`, type: 'text' };
        case 'ArrowRight':
        case 'ArrowRightShift':
            return to.refuse(
                'a number out of JSON changes its text by "->>", and its type cannot be told',
                expression,
                `write it as json_text(document, path)`,
            );
        case 'Is':
        case 'IsNot':
            return { sql: isSame(expression, place, to), type: 'boolean' };
        case 'Equals':
        case 'NotEquals':
        case 'Less':
        case 'LessEquals':
        case 'Greater':
        case 'GreaterEquals':
            return { sql: comparison(left, op, right, place, to), type: 'boolean' };
        default:
            return to.refuse('an operator on bits', expression);
    }
}

/** `x is true` and `x is y`, which are never null. */
function isSame({ left, op, right }: Binary, place: Place, to: Translation): string {
    const not = op === 'IsNot';
    const word = withoutParentheses(right);
    if (word.type === 'Id' && /^(true|false)$/i.test(word.name)) {
        return `(${condition(left, place, to)}) is ${not ? 'not ' : ''}${word.name.toLowerCase()}`;
    }
    if (rowMembers(left).length > 1) {
        return to.refuse('"is" between row values', left, 'compare column by column');
    }
    const [first, second, type] = comparable(left, right, place, to);
    const isEither = [left, right].some((one) => withoutParentheses(one).type === 'NullLiteral');
    if (type === 'null' || isEither) {
        return `${first} is ${not ? '' : 'not '}distinct from ${second}`;
    }
    const same = to.dialect.same(first, second, type === 'text' ? to.dialect.text('') : '0');
    return not ? `not (${same})` : same;
}

function arithmetic({ left, op, right }: Binary, place: Place, to: Translation): Translated {
    const [first, second] = [value(left, place, to), value(right, place, to)];
    for (const [{ type }, node] of [
        [first, left],
        [second, right],
    ] as const) {
        if (type !== 'integer' && type !== 'real') {
            return to.refuse(`arithmetic with ${words(type)}`, node);
        }
    }
    const isReal = first.type === 'real' || second.type === 'real';
    const type = isReal ? 'real' : 'integer';
    switch (op) {
        case 'Divide': {
            // SQLite gives null where an engine fails.
            const divisor = `nullif(${second.sql}, 0)`;
            return { sql: isReal ? `(${first.sql} / ${divisor})` : to.dialect.divided(first.sql, divisor), type };
        }
        case 'Modulus':
            return isReal
                ? to.refuse('a remainder of reals', left)
                : { sql: `(${first.sql} % nullif(${second.sql}, 0))`, type };
        default: {
            const sign = op === 'Add' ? '+' : op === 'Subtract' ? '-' : '*';
            return { sql: `(${first.sql} ${sign} ${second.sql})`, type };
        }
    }
}

function caseOf(
    { base, whenThenPairs, elseExpr }: Extract<SqlExpression, { type: 'CaseExpr' }>,
    place: Place,
    to: Translation,
): Translated {
    const results = [...whenThenPairs.map(({ then }) => then), ...(elseExpr === undefined ? [] : [elseExpr])];
    const type = commonEngineType(results.map((one) => value(one, place, to).type));
    if (type === 'any') {
        return to.refuse('a "case" whose results have several types', results[0] as SqlExpression);
    }
    const result = (one: SqlExpression): string => (type === 'null' ? 'null' : valueAs(type, one, place, to));
    const pairs = whenThenPairs.map(({ when, then }) => {
        const test = base === undefined ? condition(when, place, to) : comparison(base, 'Equals', when, place, to);
        return `when ${test} then ${result(then)}`;
    });
    return { sql: `case ${pairs.join(' ')}${elseExpr === undefined ? '' : ` else ${result(elseExpr)}`} end`, type };
}
