import { columnName } from '../../../sql/grammar/column-name.ts';
import type { SqlCore, SqlExpression } from '../../../sql/grammar/sql-nodes.ts';
import { nodeText, withoutParentheses } from '../../../sql/grammar/walk-nodes.ts';
import type { StarColumn } from './join-tables.ts';

/** A result column: an expression, or what `*` gives. */
export interface ResultColumn {
    /** In lower case; the second of a name is called `name:1`, as SQLite does. */
    readonly name: string;
    readonly source: { readonly expression: SqlExpression } | { readonly star: StarColumn; readonly isBare: boolean };
}

type SelectFrom = Extract<SqlCore, { type: 'SelectFrom' }>;

/** The result columns of a SELECT whose FROM clause gives `star`. */
export function resultColumns(core: SelectFrom, text: string, star: readonly StarColumn[]): readonly ResultColumn[] {
    const columns = core.columns.flatMap((column): readonly ResultColumn[] => {
        if (column.type === 'ExprResultColumn') {
            const { expr: expression, alias } = column;
            const name = alias?.name.text ?? columnName(expression) ?? nodeText(text, expression).trim();
            return [{ name: name.toLowerCase(), source: { expression } }];
        }
        const only = column.type === 'TableStarResultColumn' ? column.table.text.toLowerCase() : undefined;
        return star
            .filter(({ alias, isMerged }) => (only === undefined ? isMerged !== true : alias === only))
            .map((one) => ({ name: one.column, source: { star: one, isBare: only === undefined } }));
    });
    const seen = new Map<string, number>();
    return columns.map((column) => {
        const count = seen.get(column.name) ?? 0;
        seen.set(column.name, count + 1);
        return count === 0 ? column : { ...column, name: `${column.name}:${count}` };
    });
}

/** Names of result columns where no `*` is among them; for `values` those that SQLite gives. */
export function resultNames(core: SqlCore, text: string): readonly string[] {
    return core.type === 'SelectValues'
        ? (core.values[0]?.values ?? []).map((_, index) => `column${index + 1}`)
        : resultColumns(core, text, []).map(({ name }) => name);
}

/** The expression that stands for a result column by its place: `group by 1`. */
export function placeOf(expression: SqlExpression): number | undefined {
    const inner = withoutParentheses(expression);
    return inner.type === 'NumericLiteral' && /^\d+$/.test(inner.value) ? Number(inner.value) : undefined;
}
