import type { ParsedSelect } from '../../../sql/grammar/parse-select.ts';
import type { SqlExpression, SqlSelect, SqlSelectFrom } from '../../../sql/grammar/sql-nodes.ts';
import { conjuncts, walkNodes, withoutParentheses } from '../../../sql/grammar/walk-nodes.ts';
import { quoteName } from '../../../sql/quote.ts';
import type { SchemaFacts, WantedIndex } from '../rules/schema-facts.ts';
import { columnOf } from './core-key.ts';
import { type FromItem, fromItems } from './from-items.ts';

/**
 * The indexes for "the latest of its group": a subquery that takes the first rows of one group in an order. With the
 * group's columns and then those of the order it reads these rows alone; without, it sorts the group for each row that
 * asks, which is quadratic for one large group.
 */
export function orderedIndexes({ select, text }: ParsedSelect, schema: SchemaFacts): readonly WantedIndex[] {
    const wanted: WantedIndex[] = [];
    walkNodes(select, (node) => {
        if (node.type === 'SubqueryExpr' && node.select.limit !== undefined) {
            wanted.push(...ofSubquery(node.select, text, schema));
        }
        return true;
    });
    return wanted;
}

function ofSubquery({ select: core, orderBy }: SqlSelect, text: string, schema: SchemaFacts): readonly WantedIndex[] {
    const items = core.type === 'SelectFrom' ? fromItems(core.from, text, new Map(), schema) : undefined;
    if (core.type !== 'SelectFrom' || items === undefined || orderBy === undefined || core.groupBy !== undefined) {
        return [];
    }
    const [first] = orderBy.map(({ expr }) => columnOf(expr, items, schema));
    const item = items.find(({ alias }) => alias === first?.alias);
    const table = item?.table.type === 'TableSelectTable' ? schema.table(item.table.tblName.objName.text) : undefined;
    if (item === undefined || table === undefined || item.inner !== undefined) {
        return [];
    }
    const group = groupOf(core, item, items, schema);
    const order = orderBy.map(({ expr }) => columnOf(expr, [item], schema));
    const isOneWay = new Set(orderBy.map(({ order: way }) => way === 'Desc')).size === 1;
    const names = order.flatMap((column) => (column?.alias === item.alias ? [column.name] : []));
    if (group.length === 0 || !isOneWay || names.length < order.length) {
        return [];
    }
    return [{ table, columns: [...new Set([...group, ...names])].map(quoteName) }];
}

/** The columns of an item that equal columns from outside of the subquery. */
function groupOf(
    { whereClause }: SqlSelectFrom,
    item: FromItem,
    items: readonly FromItem[],
    schema: SchemaFacts,
): readonly string[] {
    const isOutside = (expression: SqlExpression): boolean => {
        const inner = withoutParentheses(expression);
        const alias = inner.type === 'QualifiedExpr' ? inner.table.text.toLowerCase() : undefined;
        return alias !== undefined && !items.some((one) => one.alias === alias);
    };
    return conjuncts(whereClause).flatMap((condition) => {
        const inner = withoutParentheses(condition);
        if (inner.type !== 'BinaryExpr' || (inner.op !== 'Equals' && inner.op !== 'Is')) {
            return [];
        }
        return [
            [inner.left, inner.right],
            [inner.right, inner.left],
        ].flatMap(([own, other]) => {
            const column = own && columnOf(own, items, schema);
            return column?.alias === item.alias && other !== undefined && isOutside(other) ? [column.name] : [];
        });
    });
}
