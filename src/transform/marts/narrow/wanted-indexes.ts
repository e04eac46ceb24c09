import type { SqlExpression } from '../../../sql/grammar/sql-nodes.ts';
import { nodeEnd, nodeText, walkShallow } from '../../../sql/grammar/walk-nodes.ts';
import { quoteName } from '../../../sql/quote.ts';
import { onOneLine } from '../rules/fragment.ts';
import type { SchemaFacts, WantedIndex } from '../rules/schema-facts.ts';
import { type CoreKey, columnOf } from './core-key.ts';
import type { FromItem } from './from-items.ts';
import { TextEdits } from './text-edits.ts';

/** The indexes that find rows by the key: of each table, what of the key is made of its columns alone. */
export function wantedIndexes(
    { expressions, partition }: CoreKey,
    items: readonly FromItem[],
    text: string,
    schema: SchemaFacts,
): readonly WantedIndex[] {
    const told = expressions.flatMap(({ expression, column }) => {
        if (expression === undefined) {
            return column === undefined ? [] : [{ alias: column.alias, sql: quoteName(column.name) }];
        }
        return ofOneItem(expression, items, text, schema);
    });
    const parts = (partition ?? []).flatMap((one) => ofOneItem(one, items, text, schema));
    return items.flatMap((item): readonly WantedIndex[] => {
        const table =
            item.inner === undefined && item.table.type === 'TableSelectTable'
                ? schema.table(item.table.tblName.objName.text)
                : undefined;
        if (table === undefined) {
            return [];
        }
        const columns = (list: typeof told) => list.filter(({ alias }) => alias === item.alias).map(({ sql }) => sql);
        return [
            { table, columns: columns(told) },
            { table, columns: columns(parts) },
        ];
    });
}

/** An expression over columns of one item, with their bare names. */
function ofOneItem(
    expression: SqlExpression,
    items: readonly FromItem[],
    text: string,
    schema: SchemaFacts,
): readonly { readonly alias: string; readonly sql: string }[] {
    const aliases = new Set<string | undefined>();
    const edits = new TextEdits();
    walkShallow(expression, (node) => {
        if (node.type !== 'QualifiedExpr' && node.type !== 'Id' && node.type !== 'NameExpr') {
            return true;
        }
        const column = columnOf(node, items, schema);
        const isFunction = node.type === 'Id' && text.slice(nodeEnd(node)).trimStart().startsWith('(');
        if (!isFunction) {
            aliases.add(column?.alias);
            edits.replace(node.span.offset, nodeEnd(node), quoteName(column?.name ?? ''));
        }
        return false;
    });
    const [alias, ...others] = aliases;
    const sql = onOneLine(edits.applied(text, expression.span.offset, nodeEnd(expression)));
    const isColumn = columnOf(expression, items, schema) !== undefined;
    return alias === undefined || others.length > 0
        ? []
        : [{ alias, sql: isColumn || /^\w+\(/.test(nodeText(text, expression)) ? sql : `(${sql})` }];
}
