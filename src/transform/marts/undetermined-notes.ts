import type { ParsedSelect } from '../../sql/grammar/parse-select.ts';
import type { SqlCore, SqlNode, SqlSelect, SqlSelectFrom } from '../../sql/grammar/sql-nodes.ts';
import { hasShallow, walkNodes, walkShallow } from '../../sql/grammar/walk-nodes.ts';
import { resultColumns } from './rules/result-columns.ts';
import type { MartColumn } from './text/upkeep-spec.ts';

/**
 * What in a SELECT SQLite may answer in several ways from the same rows: it is kept up to date all the same, but a data
 * test may find rows that differ without a fault. `columns`: those of the mart, with their types.
 */
export function undeterminedNotes({ text, select }: ParsedSelect, columns: readonly MartColumn[]): readonly string[] {
    const notes = new Set(floatSums(select.select, text, columns));
    const fed = new Set<SqlNode>();
    walkNodes(select, (node) => {
        if (node.type === 'SelectFrom' && readsSorted(node)) {
            for (const column of node.columns) {
                walkShallow(column, (one) => {
                    fed.add(one);
                    return true;
                });
            }
        }
        const note = undetermined(node, fed.has(node));
        if (note !== undefined) {
            notes.add(note);
        }
        return true;
    });
    return [...notes];
}

function floatSums(core: SqlCore, text: string, columns: readonly MartColumn[]): readonly string[] {
    const reals = new Set(columns.flatMap(({ name, type }) => (type === 'real' ? [name.toLowerCase()] : [])));
    const results = core.type === 'SelectFrom' ? resultColumns(core, text, []) : [];
    return results.flatMap(({ name, source }) =>
        reals.has(name) && 'expression' in source && hasShallow(source.expression, (node) => isCall(node, ADDING))
            ? [`"${name}" adds real numbers, and their order decides over the last digits: add integers, such as cents`]
            : [],
    );
}

const ADDING: ReadonlySet<string> = new Set(['sum', 'total']);
const LISTING: ReadonlySet<string> = new Set([
    'group_concat',
    'string_agg',
    'json_group_array',
    'json_group_object',
    'jsonb_group_array',
    'jsonb_group_object',
]);
const NUMBERING: ReadonlySet<string> = new Set([
    'row_number',
    'ntile',
    'lag',
    'lead',
    'first_value',
    'last_value',
    'nth_value',
]);

function isCall(node: SqlNode, names: ReadonlySet<string>): boolean {
    return nameOfCall(node, names) !== undefined;
}

function nameOfCall(node: SqlNode, names: ReadonlySet<string>): string | undefined {
    const isFunction = node.type === 'FunctionCallExpr' || node.type === 'FunctionCallStarExpr';
    const name = isFunction ? node.name.name.toLowerCase() : '';
    return names.has(name) ? name : undefined;
}

/** Its rows come from one subquery that sorts them, and no group takes them out of that order. */
function readsSorted({ from, groupBy }: SqlSelectFrom): boolean {
    const only =
        from?.select?.type === 'SelectSelectTable' && (from.joins ?? []).length === 0 ? from.select : undefined;
    return only?.select.orderBy !== undefined && groupBy === undefined;
}

/** `isFed`: what it reads is sorted already. */
function undetermined(node: SqlNode, isFed: boolean): string | undefined {
    const list = nameOfCall(node, LISTING);
    if (list !== undefined && !isFed && !hasShallow(node, ({ type }) => type === 'SortListFunctionCallOrder')) {
        return `${list}() lists its values in an order that nothing fixes: sort them inside it, or in a subquery that it reads`;
    }
    const numbered = nameOfCall(node, NUMBERING);
    if (numbered !== undefined && !isSorted(node)) {
        return `${numbered}() has no "order by" in its window: which row is the first, nothing fixes`;
    }
    return node.type === 'Select' && isCutUnsorted(node)
        ? 'a "limit" without an "order by" takes any rows: sort them, down to a column that is unique'
        : undefined;
}

/** A named window may be sorted where it is defined. */
function isSorted(call: SqlNode): boolean {
    let sorted = false;
    walkShallow(call, (node) => {
        sorted ||= node.type === 'SortedColumn' || node.type === 'NameOver';
        sorted ||= node.type === 'Window' && node.base !== undefined;
        return !sorted;
    });
    return sorted;
}

function isCutUnsorted({ limit, orderBy, select }: SqlSelect): boolean {
    const isOneRow = select.type === 'SelectFrom' && select.from === undefined;
    return limit !== undefined && orderBy === undefined && !isOneRow;
}
