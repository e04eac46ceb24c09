import type { SqlExpression, SqlNode } from './sql-nodes.ts';

/** The nodes directly below a node, in the order of its properties. */
export function childNodes(node: SqlNode): readonly SqlNode[] {
    const children: SqlNode[] = [];
    for (const [name, value] of Object.entries(node) as [string, unknown][]) {
        if (name === 'span') {
            continue;
        }
        for (const one of Array.isArray(value) ? value : [value]) {
            if (isNode(one)) {
                children.push(one);
            }
        }
    }
    return children;
}

/** Visits a node and all below it; `visit` returns false to leave out what is below the node it was given. */
export function walkNodes(node: SqlNode, visit: (node: SqlNode) => boolean | undefined): void {
    if (visit(node) !== false) {
        for (const child of childNodes(node)) {
            walkNodes(child, visit);
        }
    }
}

/** The same within one SELECT: `visit` is given subqueries, and nothing inside them. */
export function walkShallow(node: SqlNode, visit: (node: SqlNode) => boolean | undefined): void {
    walkNodes(node, (one) => visit(one) !== false && one.type !== 'Select');
}

/** Whether `is` holds for a node within one SELECT. */
export function hasShallow(node: SqlNode, is: (node: SqlNode) => boolean): boolean {
    let found = false;
    walkShallow(node, (one) => {
        found ||= is(one);
        return !found;
    });
    return found;
}

/** The conditions that all must hold: what `and` connects, without the parentheses around single ones. */
export function conjuncts(expression: SqlExpression | undefined): readonly SqlExpression[] {
    if (expression === undefined) {
        return [];
    }
    const inner = withoutParentheses(expression);
    return inner.type === 'BinaryExpr' && inner.op === 'And'
        ? [...conjuncts(inner.left), ...conjuncts(inner.right)]
        : [inner];
}

export function withoutParentheses(expression: SqlExpression): SqlExpression {
    const [only, ...others] = expression.type === 'ParenthesizedExpr' ? expression.exprs : [];
    return only === undefined || others.length > 0 ? expression : withoutParentheses(only);
}

/** The members of a row value `(a, b)`; of anything else the expression alone. */
export function rowMembers(expression: SqlExpression): readonly SqlExpression[] {
    const inner = withoutParentheses(expression);
    return inner.type === 'ParenthesizedExpr' ? inner.exprs : [inner];
}

/** The text that a node covers. */
export function nodeText(text: string, node: SqlNode): string {
    return text.slice(node.span.offset, node.span.offset + node.span.length);
}

export function nodeEnd(node: SqlNode): number {
    return node.span.offset + node.span.length;
}

function isNode(value: unknown): value is SqlNode {
    return typeof value === 'object' && value !== null && 'type' in value && 'span' in value;
}

/** How often a FROM clause below a node names a table. */
export function countNamed(node: SqlNode, name: string): number {
    let count = 0;
    walkNodes(node, (one) => {
        const named = one.type === 'TableSelectTable' ? one.tblName : one.type === 'InTableExpr' ? one.rhs : undefined;
        count += named?.objName.text.toLowerCase() === name.toLowerCase() ? 1 : 0;
        return true;
    });
    return count;
}
