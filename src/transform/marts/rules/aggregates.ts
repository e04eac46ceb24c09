import type { SqlNode } from '../../../sql/grammar/sql-nodes.ts';
import type { SchemaFacts } from './schema-facts.ts';

/** A call that makes one value of many rows; a window function makes one for each row. */
export function isAggregateCall(node: SqlNode, schema: Pick<SchemaFacts, 'isAggregate'>): boolean {
    if (node.type !== 'FunctionCallExpr' && node.type !== 'FunctionCallStarExpr') {
        return false;
    }
    const count = node.type === 'FunctionCallExpr' ? (node.args?.length ?? 0) : 0;
    return node.filterOver?.overClause === undefined && schema.isAggregate(node.name.name, count);
}
