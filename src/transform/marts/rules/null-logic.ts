import type { SqlExpression, SqlNode } from '../../../sql/grammar/sql-nodes.ts';
import { rowMembers, withoutParentheses } from '../../../sql/grammar/walk-nodes.ts';
import { NOBODY, union, type Value } from './value.ts';

/** What an expression is where a part of it is null. `value` gives what its parts were found to be. */
export interface NullLogic {
    readonly nullWith: ReadonlySet<number>;
    readonly untrueWith: ReadonlySet<number>;
    readonly trueOnlyWith: ReadonlySet<number> | undefined;
    /** Null in every row, because a part is. */
    readonly isNull: boolean;
    /** False: it is null at most where the columns of one of `nullWith` are. */
    readonly mayBeNull: boolean;
}

type ValueOf = (part: SqlNode) => Value | undefined;

const NEVER_NULL: NullLogic = {
    nullWith: NOBODY,
    untrueWith: NOBODY,
    trueOnlyWith: undefined,
    isNull: false,
    mayBeNull: false,
};

const UNKNOWN: NullLogic = { ...NEVER_NULL, mayBeNull: true };

/** Functions that are null where one of their arguments is. */
const STRICT_FUNCTIONS = new Set(
    `abs lower upper length substr substring trim ltrim rtrim round date time datetime julianday unixepoch strftime instr
    replace json_extract`.split(/\s+/),
);

export function nullLogic(expression: SqlExpression, value: ValueOf): NullLogic {
    switch (expression.type) {
        case 'NumericLiteral':
        case 'StringLiteral':
        case 'BlobLiteral':
        case 'ExistsExpr':
            return NEVER_NULL;
        case 'ParenthesizedExpr':
            return expression.exprs.length === 1 ? same(value(expression.exprs[0] as SqlExpression)) : UNKNOWN;
        case 'CollateExpr':
        case 'CastExpr':
            return same(value(expression.expr));
        case 'UnaryExpr':
            return strict([value(expression.expr)]);
        case 'BinaryExpr':
            return ofOperator(expression, value);
        case 'BetweenExpr':
            return strict([value(expression.lhs)]);
        case 'InListExpr':
            return expression.rhs === undefined ? UNKNOWN : strict([value(expression.lhs)]);
        case 'LikeExpr':
            return strict([value(expression.lhs), value(expression.rhs)]);
        case 'IsNullExpr':
            return isNull(value(expression.expr));
        case 'NotNullExpr':
            return isNotNull(value(expression.expr));
        case 'FunctionCallExpr':
            return ofFunction(expression.name.name.toLowerCase(), expression.args ?? [], value);
        default:
            return UNKNOWN;
    }
}

type BinaryExpression = Extract<SqlExpression, { readonly type: 'BinaryExpr' }>;

function ofOperator({ op, left, right }: BinaryExpression, value: ValueOf): NullLogic {
    const [before, after] = [value(left), value(right)];
    switch (op) {
        case 'And':
            return { ...UNKNOWN, untrueWith: union(untrue(before), untrue(after)) };
        case 'Or':
            return { ...UNKNOWN, untrueWith: new Set([...untrue(before)].filter((id) => untrue(after).has(id))) };
        case 'Is':
            return withoutParentheses(right).type === 'NullLiteral' ? isNull(before) : NEVER_NULL;
        case 'IsNot':
            return withoutParentheses(right).type === 'NullLiteral' ? isNotNull(before) : NEVER_NULL;
        case 'ArrowRight':
        case 'ArrowRightShift':
            return { ...strict([before]), mayBeNull: true };
        default:
            return rowMembers(left).length > 1 ? ofRowValues(op, left, right, value) : strict([before, after]);
    }
}

/** `=` of row values needs each pair, an order may be decided by the first one. */
function ofRowValues(op: string, left: SqlExpression, right: SqlExpression, value: ValueOf): NullLogic {
    const members = [left, right].flatMap((side) =>
        op === 'Equals' ? rowMembers(side) : rowMembers(side).slice(0, 1),
    );
    return { ...UNKNOWN, untrueWith: union(...members.map((member) => value(member)?.nullWith ?? NOBODY)) };
}

function ofFunction(name: string, args: readonly SqlExpression[], value: ValueOf): NullLogic {
    if (name === 'coalesce' || name === 'ifnull') {
        // A column, even a required one, is null where its table finds no match.
        const isNeverNull = (part: Value | undefined): boolean => part?.mayBeNull === false && part.nullWith.size === 0;
        return { ...UNKNOWN, mayBeNull: !args.some((one) => isNeverNull(value(one))) };
    }
    return STRICT_FUNCTIONS.has(name) ? { ...strict(args.map(value)), mayBeNull: true } : UNKNOWN;
}

function strict(parts: readonly (Value | undefined)[]): NullLogic {
    const nullWith = union(...parts.map((part) => part?.nullWith ?? NOBODY));
    return {
        nullWith,
        untrueWith: nullWith,
        trueOnlyWith: undefined,
        isNull: parts.some((part) => part?.isNull === true),
        mayBeNull: true,
    };
}

function same(part: Value | undefined): NullLogic {
    return part ?? UNKNOWN;
}

function isNull(part: Value | undefined): NullLogic {
    return { ...NEVER_NULL, trueOnlyWith: part === undefined || part.mayBeNull ? undefined : part.nullWith };
}

function isNotNull(part: Value | undefined): NullLogic {
    return { ...NEVER_NULL, untrueWith: part?.nullWith ?? NOBODY };
}

function untrue(part: Value | undefined): ReadonlySet<number> {
    return part?.untrueWith ?? NOBODY;
}
