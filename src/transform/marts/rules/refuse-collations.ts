import type { SqlNode } from '../../../sql/grammar/sql-nodes.ts';
import { childNodes, nodeText } from '../../../sql/grammar/walk-nodes.ts';
import { NotCovered } from './reading.ts';
import { COMPARISONS } from './tell-expression.ts';

const COMPARED: ReadonlySet<string> = new Set(['InListExpr', 'BetweenExpr', 'LikeExpr', 'SortedColumn']);

/**
 * Keys are compared by bytes. Where a collation makes one group, or one row, of texts that differ, which of them is shown
 * may change with any of them. In a comparison or an order nothing but its result is left of it: those are covered.
 */
export function refuseCollations(node: SqlNode, text: string): void {
    const isCompared = COMPARED.has(node.type) || (node.type === 'BinaryExpr' && COMPARISONS.has(node.op));
    for (const child of childNodes(node)) {
        if (child.type === 'CollateExpr' && child.collation.toLowerCase() !== 'binary' && !isCompared) {
            throw new NotCovered(`a collation makes one text of several: ${nodeText(text, child)}`);
        }
        // A SELECT inside this one is read by itself.
        if (child.type !== 'Select') {
            refuseCollations(child, text);
        }
    }
}
