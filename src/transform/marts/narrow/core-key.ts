import type { SqlCore, SqlExpression } from '../../../sql/grammar/sql-nodes.ts';
import { hasShallow, nodeText, withoutParentheses } from '../../../sql/grammar/walk-nodes.ts';
import { quoteName } from '../../../sql/quote.ts';
import { isAggregateCall } from '../rules/aggregates.ts';
import { wordKey } from '../rules/fragment.ts';
import { placeOf, type ResultColumn, resultColumns } from '../rules/result-columns.ts';
import type { SchemaFacts } from '../rules/schema-facts.ts';
import { partitionsIn } from '../rules/windows.ts';
import { columnsOf, type FromItem } from './from-items.ts';
import { isGrouped } from './is-flat.ts';
import type { KeyExpression } from './key-set.ts';

type SelectFrom = Extract<SqlCore, { type: 'SelectFrom' }>;

/** What of the key can be asked of the rows of a FROM clause. */
export interface CoreKey {
    readonly expressions: readonly CoreKeyExpression[];
    /** Whole partitions are asked for, by these expressions, because a window looks at all of theirs. */
    readonly partition: readonly SqlExpression[] | undefined;
}

export interface CoreKeyExpression extends KeyExpression {
    /** It is a column of this item, by its alias. */
    readonly column: { readonly alias: string; readonly name: string } | undefined;
    /** Undefined: it comes of a `*`. */
    readonly expression: SqlExpression | undefined;
}

/** `places` are those of the key's columns among the result columns; undefined: not to be asked for. */
export function keyOfCore(
    core: SelectFrom,
    items: readonly FromItem[],
    places: readonly (number | undefined)[],
    text: string,
    schema: SchemaFacts,
): CoreKey | { readonly problem: string } {
    const star = items.flatMap((item) => columnsOf(item, schema).map((column) => ({ alias: item.alias, column })));
    const columns = resultColumns(core, text, star);
    const all = places.flatMap((at, place) => {
        const column = at === undefined ? undefined : columns[at];
        return column === undefined ? [] : [keyExpression(column, place, items, text, schema)];
    });
    const told = all.filter((one) => one !== undefined);
    if (told.length === 0) {
        return { problem: 'its key is computed from many rows' };
    }
    const grouped = isGrouped(core, schema) ? told.filter(({ text: one }) => isGroup(one, core, columns, text)) : told;
    if (grouped.length === 0) {
        return {
            problem: core.groupBy === undefined ? 'an aggregate of all rows' : 'its key is not what it is grouped by',
        };
    }
    const partitions = core.columns.flatMap((column) =>
        column.type === 'ExprResultColumn' ? partitionsIn(column.expr, core) : [],
    );
    if (partitions.length === 0) {
        return { expressions: grouped, partition: undefined };
    }
    const keysOf = partitions.map((partition) => new Set(partition.map((one) => wordKey(nodeText(text, one)))));
    const inside = grouped.filter(({ text: one }) => keysOf.every((partition) => partition.has(wordKey(one))));
    if (inside.length > 0) {
        return { expressions: inside, partition: undefined };
    }
    const [first] = partitions as [readonly SqlExpression[]];
    const isCommon = new Set(keysOf.map((partition) => [...partition].sort().join())).size === 1;
    if (!isCommon || first.length === 0 || isGrouped(core, schema) || hasSubqueryIn(first)) {
        return { problem: 'a window looks at more rows than those of one partition' };
    }
    return { expressions: grouped, partition: first };
}

function keyExpression(
    { source }: ResultColumn,
    place: number,
    items: readonly FromItem[],
    text: string,
    schema: SchemaFacts,
): CoreKeyExpression | undefined {
    if ('star' in source) {
        const { alias, column } = source.star;
        return {
            text: `${quoteName(alias)}.${quoteName(column)}`,
            place,
            readsColumns: true,
            isColumn: true,
            column: { alias, name: column },
            expression: undefined,
        };
    }
    const { expression } = source;
    const isTold = !hasShallow(
        expression,
        (node) =>
            node.type === 'Select' ||
            isAggregateCall(node, schema) ||
            ((node.type === 'FunctionCallExpr' || node.type === 'FunctionCallStarExpr') &&
                node.filterOver?.overClause !== undefined),
    );
    const readsColumns = hasShallow(
        expression,
        ({ type }) => type === 'Id' || type === 'QualifiedExpr' || type === 'NameExpr',
    );
    const column = columnOf(expression, items, schema);
    const isColumn = column !== undefined;
    return isTold ? { text: nodeText(text, expression), place, readsColumns, isColumn, column, expression } : undefined;
}

/** The item and the column that an expression names, if it is nothing but a name. */
export function columnOf(
    expression: SqlExpression,
    items: readonly FromItem[],
    schema: SchemaFacts,
): { readonly alias: string; readonly name: string } | undefined {
    const inner = withoutParentheses(expression);
    if (inner.type === 'QualifiedExpr') {
        return { alias: inner.table.text.toLowerCase(), name: inner.column.text.toLowerCase() };
    }
    if (inner.type !== 'Id' && inner.type !== 'NameExpr') {
        return undefined;
    }
    const name = (inner.type === 'Id' ? inner.name : inner.name.text).toLowerCase();
    const [item, ...others] = items.filter((one) => columnsOf(one, schema).includes(name));
    return item === undefined || others.length > 0 ? undefined : { alias: item.alias, name };
}

/** Whether rows are grouped by an expression: written the same, by its place, or by its name as a result column. */
function isGroup(expression: string, core: SelectFrom, columns: readonly ResultColumn[], text: string): boolean {
    return (core.groupBy ?? []).some((group) => {
        const place = placeOf(group);
        const named = group.type === 'Id' ? columns.find(({ name }) => name === group.name.toLowerCase()) : undefined;
        const column = place === undefined ? named : columns[place - 1];
        const sources = [
            place === undefined ? group : undefined,
            column && 'expression' in column.source ? column.source.expression : undefined,
        ];
        return sources.some(
            (one) => one !== undefined && wordKey(nodeText(text, withoutParentheses(one))) === wordKey(expression),
        );
    });
}

function hasSubqueryIn(expressions: readonly SqlExpression[]): boolean {
    return expressions.some((one) => hasShallow(one, ({ type }) => type === 'Select'));
}
