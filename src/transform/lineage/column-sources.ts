import type { ParsedSelect } from '../../sql/grammar/parse-select.ts';
import type { SqlCore, SqlExpression, SqlNode, SqlSelect } from '../../sql/grammar/sql-nodes.ts';
import { walkNodes, withoutParentheses } from '../../sql/grammar/walk-nodes.ts';
import {
    columnsOf,
    type FromItem,
    fromItems,
    type NamedSelect,
    type Names,
    namesInside,
    starColumns,
} from '../marts/narrow/from-items.ts';
import { resultColumns } from '../marts/rules/result-columns.ts';
import type { SchemaFacts } from '../marts/rules/schema-facts.ts';

/** A column of a table, as the schema writes it. */
export interface TableColumn {
    readonly table: string;
    readonly column: string;
}

/** What a result column is made from. */
export interface ColumnOrigin {
    /** The columns of tables that its value is computed from; not those that only decide which rows there are. */
    readonly sources: readonly TableColumn[];
    /** It is one of them, unchanged. */
    readonly isCopy: boolean;
}

/** What each result column of a SELECT is made from, in their order; empty where it cannot be told. */
export function columnOrigins(parsed: ParsedSelect, schema: SchemaFacts): readonly ColumnOrigin[] {
    const named = { ...parsed, names: new Map(), isCte: false, isMaterialized: false, isRecursive: false };
    return originsOf(named, schema, undefined);
}

/** Looks up the origin of a column that an expression names. */
type Scope = (table: string | undefined, name: string) => ColumnOrigin | undefined;

const NOTHING: ColumnOrigin = { sources: [], isCopy: false };

function originsOf(named: NamedSelect, schema: SchemaFacts, outer: Scope | undefined): readonly ColumnOrigin[] {
    const { select, text } = named;
    const names = namesInside(select, text, named.names);
    const sides = [select.select, ...(select.compounds ?? []).map((compound) => compound.select)];
    const all = sides.map((core) => originsOfCore(core, text, names, schema, outer));
    return (all[0] ?? []).map((first, index) =>
        all.length === 1 ? first : together(all.map((side) => side[index] ?? NOTHING)),
    );
}

function originsOfCore(
    core: SqlCore,
    text: string,
    names: Names,
    schema: SchemaFacts,
    outer: Scope | undefined,
): readonly ColumnOrigin[] {
    const items = core.type === 'SelectFrom' ? (fromItems(core.from, text, names, schema) ?? []) : [];
    const ofItems = new Map(items.map((item) => [item.alias, originsOfItem(item, schema, outer)]));
    const scope: Scope = (table, name) => {
        const found = [...ofItems].flatMap(([alias, columns]) =>
            table === undefined || alias === table.toLowerCase() ? (columns.get(name.toLowerCase()) ?? []) : [],
        );
        return found[0] ?? outer?.(table, name);
    };
    const select = (inner: SqlSelect): readonly ColumnOrigin[] =>
        originsOf(
            { text, select: inner, columns: undefined, names, isCte: false, isMaterialized: false, isRecursive: false },
            schema,
            scope,
        );
    const origin = (expression: SqlExpression): ColumnOrigin => ofExpression(expression, scope, select);
    if (core.type === 'SelectValues') {
        const rows = core.values.map(({ values }) => values.map(origin));
        return (rows[0] ?? []).map((_, index) => together(rows.map((row) => row[index] ?? NOTHING)));
    }
    return resultColumns(core, text, starColumns(core, text, names, schema)).map(({ source }) =>
        'expression' in source
            ? origin(source.expression)
            : (ofItems.get(source.star.alias)?.get(source.star.column) ?? NOTHING),
    );
}

function originsOfItem(
    item: FromItem,
    schema: SchemaFacts,
    outer: Scope | undefined,
): ReadonlyMap<string, ColumnOrigin> {
    const columns = columnsOf(item, schema);
    if (item.inner !== undefined) {
        const origins = item.inner.isRecursive ? [] : originsOf(item.inner, schema, outer);
        return new Map(columns.map((column, index) => [column, origins[index] ?? NOTHING]));
    }
    if (item.table.type !== 'TableSelectTable') {
        return new Map(columns.map((column) => [column, NOTHING]));
    }
    const facts = schema.table(item.table.tblName.objName.text);
    return new Map(
        (facts?.columns ?? []).map(({ name }) => [
            name.toLowerCase(),
            { sources: [{ table: facts?.name ?? '', column: name }], isCopy: true },
        ]),
    );
}

function ofExpression(
    expression: SqlExpression,
    scope: Scope,
    select: (inner: SqlSelect) => readonly ColumnOrigin[],
): ColumnOrigin {
    const own = withoutParentheses(expression);
    const plain = named(own, scope);
    if (plain !== undefined) {
        return plain;
    }
    const found: ColumnOrigin[] = [];
    walkNodes(own, (node) => {
        if (node.type === 'Select') {
            // A scalar subquery gives its first column; of any other only its answer counts.
            found.push(select(node as SqlSelect)[0] ?? NOTHING);
            return false;
        }
        const origin = named(node, scope);
        if (origin !== undefined) {
            found.push(origin);
            return false;
        }
        return true;
    });
    return together(found);
}

function named(node: SqlNode, scope: Scope): ColumnOrigin | undefined {
    switch (node.type) {
        case 'Id':
            return scope(undefined, node.name);
        case 'NameExpr':
            return scope(undefined, node.name.text);
        case 'QualifiedExpr':
            return scope(node.table.text, node.column.text);
        default:
            return undefined;
    }
}

function together(origins: readonly ColumnOrigin[]): ColumnOrigin {
    const byText = new Map(
        origins.flatMap(({ sources }) => sources).map((one) => [`${one.table}\0${one.column}`, one]),
    );
    return { sources: [...byText.values()], isCopy: false };
}
