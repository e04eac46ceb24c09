import type { SqlExpression, SqlSelect } from '../../sql/grammar/sql-nodes.ts';

/** Names of aggregates that no text can call: a value, and the columns of an order whose first or last row it is of. */
export const LAST_OF = 'the last of an order';
export const FIRST_OF = 'the first of an order';

/**
 * A subquery for the first row of an order, `select x … order by y desc limit 1`, as an aggregate, which engines compute
 * for all rows at once: `max_by(x, struct(y))`. Where the order has both directions, or other nulls than SQLite, it stays.
 */
export function asAggregate(select: SqlSelect): SqlSelect {
    const { select: core, compounds, orderBy = [], limit } = select;
    const [column, ...others] = core.type === 'SelectFrom' ? core.columns : [];
    const isOne = limit?.expr.type === 'NumericLiteral' && limit.expr.value === '1' && limit.offset === undefined;
    const [order] = orderBy;
    const isDown = order?.order === 'Desc';
    const isPlain = orderBy.every(
        (one) =>
            (one.order === 'Desc') === isDown &&
            (one.nulls ?? (isDown ? 'Last' : 'First')) === (isDown ? 'Last' : 'First'),
    );
    if (
        core.type !== 'SelectFrom' ||
        column?.type !== 'ExprResultColumn' ||
        others.length > 0 ||
        order === undefined ||
        !isOne ||
        !isPlain ||
        compounds !== undefined ||
        core.groupBy !== undefined ||
        core.distinctness !== undefined ||
        core.having !== undefined
    ) {
        return select;
    }
    const call: SqlExpression = {
        type: 'FunctionCallExpr',
        name: { type: 'Id', name: isDown ? LAST_OF : FIRST_OF, span: column.expr.span },
        distinctness: undefined,
        args: [column.expr, ...orderBy.map(({ expr }) => expr)],
        orderBy: undefined,
        filterOver: undefined,
        span: column.expr.span,
    };
    return {
        ...select,
        orderBy: undefined,
        limit: undefined,
        select: { ...core, columns: [{ ...column, expr: call }] },
    };
}
