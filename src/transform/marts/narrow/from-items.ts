import type { ParsedSelect } from '../../../sql/grammar/parse-select.ts';
import type { SqlCore, SqlExpression, SqlFrom, SqlSelect, SqlTable } from '../../../sql/grammar/sql-nodes.ts';
import { conjuncts, countNamed } from '../../../sql/grammar/walk-nodes.ts';
import type { StarColumn } from '../rules/join-tables.ts';
import { resultColumns, resultNames } from '../rules/result-columns.ts';
import type { SchemaFacts } from '../rules/schema-facts.ts';

/** A SELECT that stands behind a name, with the names that it may use itself. */
export interface NamedSelect extends ParsedSelect {
    readonly names: Names;
    /** It stands in the same text as what uses it, where it can be changed if it is used once. */
    readonly isCte: boolean;
    readonly isMaterialized: boolean;
    readonly isRecursive: boolean;
}

/** CTEs by their names in lower case. */
export type Names = ReadonlyMap<string, NamedSelect>;

/** A table, a view, a CTE or a subquery of a FROM clause. */
export interface FromItem {
    readonly table: SqlTable;
    /** In lower case. */
    readonly alias: string;
    /** Of a subquery, a CTE or a view; undefined: a table. */
    readonly inner: NamedSelect | undefined;
    /** Conditions without which no row of it is there: those of inner joins, and those it is joined by itself. */
    readonly required: readonly SqlExpression[];
    /** A right or full join, in which rows of both sides stay. */
    readonly isOuter: boolean;
    /** Its columns may be null for want of a match. */
    readonly isNullable: boolean;
}

const LEFT = 8;
const RIGHT = 16;

/** The items of a FROM clause; undefined where joined tables stand in parentheses. */
export function fromItems(
    from: SqlFrom | undefined,
    text: string,
    names: Names,
    schema: SchemaFacts,
): readonly FromItem[] | undefined {
    const tables = [
        ...(from?.select === undefined ? [] : [{ table: from.select, bits: 0, on: [] as readonly SqlExpression[] }]),
        ...(from?.joins ?? []).map(({ table, operator, constraint }) => ({
            table,
            bits: operator.type === 'TypedJoinJoinOperator' ? (operator.joinType ?? 0) : 0,
            on: constraint?.type === 'OnJoinConstraint' ? conjuncts(constraint.expr) : [],
        })),
    ];
    if (tables.some(({ table }) => table.type === 'SubSelectTable')) {
        return undefined;
    }
    const inner = tables.filter(({ bits }) => (bits & (LEFT | RIGHT)) === 0).flatMap(({ on }) => on);
    const hasOuter = tables.some(({ bits }) => (bits & RIGHT) !== 0);
    return tables.map(({ table, bits, on }) => ({
        table,
        alias: aliasOf(table).toLowerCase(),
        inner: innerOf(table, text, names, schema),
        required: (bits & LEFT) === 0 ? inner : [...inner, ...on],
        isOuter: hasOuter,
        isNullable: hasOuter || (bits & LEFT) !== 0,
    }));
}

function aliasOf(table: SqlTable): string {
    const own = table.type === 'TableSelectTable' ? table.tblName.objName.text : '';
    return table.type === 'SubSelectTable' ? '' : (table.alias?.name.text ?? own);
}

function innerOf(table: SqlTable, text: string, names: Names, schema: SchemaFacts): NamedSelect | undefined {
    if (table.type === 'SelectSelectTable') {
        const plain = { isCte: false, isMaterialized: false, isRecursive: false };
        return { text, select: table.select, columns: undefined, names, ...plain };
    }
    if (table.type !== 'TableSelectTable') {
        return undefined;
    }
    const name = table.tblName.objName.text.toLowerCase();
    const cte = names.get(name);
    if (cte !== undefined || schema.table(name) !== undefined) {
        return cte;
    }
    const view = schema.view(name);
    return view && { ...view, names: new Map(), isCte: false, isMaterialized: false, isRecursive: false };
}

/** The names that a SELECT's own CTEs add. */
export function namesInside(select: SqlSelect, text: string, names: Names): Names {
    const all = new Map(names);
    for (const cte of select.with?.ctes ?? []) {
        const name = cte.tblName.text.toLowerCase();
        const columns = cte.columns?.map((column) => column.colName.text);
        const isRecursive = countNamed(cte.select, name) > 0;
        const isMaterialized = cte.materialized === 'Yes';
        all.set(name, {
            text,
            select: cte.select,
            columns,
            names: new Map(all),
            isCte: true,
            isMaterialized,
            isRecursive,
        });
    }
    return all;
}

/** The names of the columns of an item, in lower case. */
export function columnsOf(item: FromItem, schema: SchemaFacts): readonly string[] {
    const { table, inner } = item;
    if (inner !== undefined) {
        return inner.columns?.map((column) => column.toLowerCase()) ?? namesOfSelect(inner, schema);
    }
    return table.type === 'TableSelectTable'
        ? (schema.table(table.tblName.objName.text)?.columns ?? []).map(({ name }) => name.toLowerCase())
        : ['key', 'value', 'type', 'atom', 'id', 'parent', 'fullkey', 'path'];
}

/** The names of a SELECT's result columns. */
function namesOfSelect({ select, text, names }: NamedSelect, schema: SchemaFacts): readonly string[] {
    const core = select.select;
    return core.type === 'SelectValues'
        ? resultNames(core, text)
        : resultColumns(core, text, starColumns(core, text, namesInside(select, text, names), schema)).map(
              ({ name }) => name,
          );
}

/** What `*` stands for; nothing where it cannot be told. */
export function starColumns(
    core: Extract<SqlCore, { type: 'SelectFrom' }>,
    text: string,
    names: Names,
    schema: SchemaFacts,
): readonly StarColumn[] {
    const items = fromItems(core.from, text, names, schema) ?? [];
    return items.flatMap((item) => columnsOf(item, schema).map((column) => ({ alias: item.alias, column })));
}
