import type { SqlCore, SqlNode } from '../../../sql/grammar/sql-nodes.ts';
import { hasShallow } from '../../../sql/grammar/walk-nodes.ts';
import { isAggregateCall } from '../rules/aggregates.ts';
import type { SchemaFacts } from '../rules/schema-facts.ts';
import { type FromItem, fromItems, type NamedSelect, namesInside } from './from-items.ts';

type SelectFrom = Extract<SqlCore, { type: 'SelectFrom' }>;

/**
 * Whether SQLite makes a subquery part of the query around it, so that what is asked of its rows is asked of its tables
 * at once: one SELECT without groups, windows, `distinct`, limits and unions. `uses` counts how often a CTE is named.
 * Source: https://www.sqlite.org/optoverview.html, section 11.
 */
function isFlat(inner: NamedSelect, isNullable: boolean, uses: Uses, schema: SchemaFacts): boolean {
    const { select, text, names } = inner;
    const core = select.select;
    const isOne = select.limit === undefined && select.compounds === undefined && core.type === 'SelectFrom';
    if (!isOne || inner.isMaterialized || inner.isRecursive || (inner.isCte && uses(select) > 1)) {
        return false;
    }
    if (core.distinctness === 'Distinct' || isGrouped(core, schema) || hasWindows(core)) {
        return false;
    }
    const items = fromItems(core.from, text, namesInside(select, text, names), schema);
    // The missing side of an outer join is made part of it only where it is one table.
    return (
        items !== undefined &&
        (!isNullable || items.length === 1) &&
        items.every(
            (item) => item.inner === undefined || isFlat(item.inner, isNullable || item.isNullable, uses, schema),
        )
    );
}

/** How often the SELECT of a CTE is named. */
export type Uses = (select: NamedSelect['select']) => number;

export function isGrouped(core: SelectFrom, schema: SchemaFacts): boolean {
    return (
        core.groupBy !== undefined ||
        core.having !== undefined ||
        hasInColumns(core, (node) => isAggregateCall(node, schema))
    );
}

export function hasWindows(core: SelectFrom): boolean {
    return hasInColumns(
        core,
        (node) =>
            (node.type === 'FunctionCallExpr' || node.type === 'FunctionCallStarExpr') &&
            node.filterOver?.overClause !== undefined,
    );
}

function hasInColumns(core: SelectFrom, is: (node: SqlNode) => boolean): boolean {
    return core.columns.some((column) => column.type === 'ExprResultColumn' && hasShallow(column.expr, is));
}

/** Items that are narrowed from inside, because no condition from outside reaches their tables. */
export function needsNarrowing(item: FromItem, uses: Uses, schema: SchemaFacts): boolean {
    return item.inner !== undefined && !isFlat(item.inner, item.isNullable, uses, schema);
}
