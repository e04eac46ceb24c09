import type { SqlExpression } from '../../../sql/grammar/sql-nodes.ts';
import { withoutParentheses } from '../../../sql/grammar/walk-nodes.ts';
import type { ColumnScope } from '../narrow/facts-of-columns.ts';
import { type ColumnType, commonType, type KnownType } from './column-type.ts';

type TypeScope = ColumnScope<KnownType>;

/** The type of an expression by rules that are sure, whatever the data; else `any`. */
export function expressionType(expression: SqlExpression, scope: TypeScope): KnownType {
    const of = (one: SqlExpression): KnownType => expressionType(one, scope);
    switch (expression.type) {
        case 'Id':
            return (
                scope.column(undefined, expression.name) ??
                (/^(true|false)$/i.test(expression.name) ? 'integer' : 'any')
            );
        case 'NameExpr':
            return scope.column(undefined, expression.name.text) ?? 'any';
        case 'QualifiedExpr':
            return scope.column(expression.table.text, expression.column.text) ?? 'any';
        case 'NullLiteral':
            return 'null';
        case 'StringLiteral':
            return 'text';
        case 'BlobLiteral':
            return 'blob';
        case 'NumericLiteral':
            return numberType(expression.value);
        case 'ParenthesizedExpr':
            return expression.exprs.length === 1 ? of(withoutParentheses(expression)) : 'any';
        case 'CollateExpr':
            return of(expression.expr);
        case 'CastExpr':
            return castType(expression.typeName?.name ?? '');
        case 'UnaryExpr':
            return expression.op === 'Not'
                ? 'integer'
                : expression.expr.type === 'NumericLiteral'
                  ? of(expression.expr)
                  : 'any';
        case 'BinaryExpr':
            return OPERATOR_TYPES[expression.op] ?? 'any';
        case 'BetweenExpr':
        case 'InListExpr':
        case 'InSelectExpr':
        case 'InTableExpr':
        case 'LikeExpr':
        case 'IsNullExpr':
        case 'NotNullExpr':
        case 'ExistsExpr':
            return 'integer';
        case 'CaseExpr':
            return commonType([
                ...expression.whenThenPairs.map(({ then }) => of(then)),
                ...(expression.elseExpr === undefined ? [] : [of(expression.elseExpr)]),
            ]);
        case 'SubqueryExpr':
            return scope.select(expression.select)[0] ?? 'any';
        case 'FunctionCallStarExpr':
            return functionType(expression.name.name, []);
        case 'FunctionCallExpr':
            return functionType(expression.name.name, (expression.args ?? []).map(of));
        default:
            return 'any';
    }
}

type Operator = Extract<SqlExpression, { readonly type: 'BinaryExpr' }>['op'];

/** Comparisons give 0 or 1. Arithmetic is not sure: an integer that is too large becomes a real. */
const OPERATOR_TYPES: Partial<Record<Operator, ColumnType>> = {
    And: 'integer',
    Or: 'integer',
    Equals: 'integer',
    NotEquals: 'integer',
    Less: 'integer',
    LessEquals: 'integer',
    Greater: 'integer',
    GreaterEquals: 'integer',
    Is: 'integer',
    IsNot: 'integer',
    Concat: 'text',
    ArrowRight: 'text',
};

function numberType(text: string): KnownType {
    if (/^0x/i.test(text)) {
        return 'integer';
    }
    return /^\d+$/.test(text) && BigInt(text) <= 9_223_372_036_854_775_807n ? 'integer' : 'real';
}

/** Source: https://www.sqlite.org/lang_expr.html#castexpr */
function castType(type: string): KnownType {
    const word = type.toUpperCase();
    if (word.includes('INT')) {
        return 'integer';
    }
    if (/CHAR|CLOB|TEXT/.test(word)) {
        return 'text';
    }
    if (word === '' || word.includes('BLOB')) {
        return 'blob';
    }
    return /REAL|FLOA|DOUB/.test(word) ? 'real' : 'any';
}

const FUNCTIONS_OF: Readonly<Record<'integer' | 'real' | 'text', readonly string[]>> = {
    integer:
        'count row_number rank dense_rank ntile length instr unicode unixepoch json_valid json_array_length sign'.split(
            ' ',
        ),
    real: 'avg total julianday cume_dist percent_rank'.split(' '),
    text: `lower upper trim ltrim rtrim replace char hex quote typeof printf format group_concat string_agg date time datetime
        strftime json_text json json_array json_object json_group_array json_group_object json_type json_quote`.split(
        /\s+/,
    ),
};

const TYPE_OF_FUNCTION: ReadonlyMap<string, ColumnType> = new Map(
    Object.entries(FUNCTIONS_OF).flatMap(([type, names]) => names.map((name) => [name, type as ColumnType] as const)),
);

/** Functions that give one of their arguments. */
const PASSING = new Set(['min', 'max', 'coalesce', 'ifnull', 'lag', 'lead', 'first_value', 'last_value', 'nth_value']);

function functionType(written: string, args: readonly KnownType[]): KnownType {
    const name = written.toLowerCase();
    const fixed = TYPE_OF_FUNCTION.get(name);
    const [first = 'any', second = 'null', third = 'null'] = args;
    switch (name) {
        case 'sum':
            // A sum of integers that is too large is an error. A sum of texts is a number of either kind.
            return first === 'integer' || first === 'real' ? first : 'any';
        case 'iif':
            return commonType([second, third]);
        case 'nullif':
        case 'likelihood':
        case 'likely':
        case 'unlikely':
            return first;
        case 'lag':
        case 'lead':
            // The second argument is a number of rows.
            return commonType([first, third]);
        case 'nth_value':
            return first;
        case 'substr':
        case 'substring':
            // A part of a blob is a blob.
            return first === 'text' || first === 'integer' || first === 'real' ? 'text' : 'any';
        default:
            return fixed ?? (PASSING.has(name) ? commonType(args) : 'any');
    }
}
