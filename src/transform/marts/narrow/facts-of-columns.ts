import type { ParsedSelect } from '../../../sql/grammar/parse-select.ts';
import type { SqlCore, SqlExpression, SqlSelect } from '../../../sql/grammar/sql-nodes.ts';
import { resultColumns } from '../rules/result-columns.ts';
import type { SchemaFacts, TableFacts } from '../rules/schema-facts.ts';
import {
    columnsOf,
    type FromItem,
    fromItems,
    type NamedSelect,
    type Names,
    namesInside,
    starColumns,
} from './from-items.ts';

/** What is known where an expression stands. */
export interface ColumnScope<Fact> {
    /** Of a column that is named; undefined: there is none of that name. */
    readonly column: (table: string | undefined, name: string) => Fact | undefined;
    /** Of the result columns of a SELECT inside. */
    readonly select: (select: SqlSelect) => readonly Fact[];
}

/** How something is found out of each column: its type, or what it is made from. */
export interface ColumnRule<Fact> {
    readonly unknown: Fact;
    readonly ofTable: (table: TableFacts, column: TableFacts['columns'][number]) => Fact;
    /** Of a column of a table function, such as `value` of `json_each`. */
    readonly ofFunction: (column: string) => Fact;
    readonly ofExpression: (expression: SqlExpression, scope: ColumnScope<Fact>) => Fact;
    /** Of a column that comes from several places: the sides of a UNION, the rows of VALUES. */
    readonly together: (facts: readonly Fact[]) => Fact;
}

/** What a rule finds out of each result column of a SELECT, in their order, through its CTEs, subqueries and views. */
export function factsOfColumns<Fact>(
    parsed: ParsedSelect,
    schema: SchemaFacts,
    rule: ColumnRule<Fact>,
): readonly Fact[] {
    const named = { ...parsed, names: new Map(), isCte: false, isMaterialized: false, isRecursive: false };
    return factsOf(named, { schema, rule, outer: undefined });
}

interface Ground<Fact> {
    readonly schema: SchemaFacts;
    readonly rule: ColumnRule<Fact>;
    /** Of a subquery: the columns of what stands around it. */
    readonly outer: ColumnScope<Fact> | undefined;
}

function factsOf<Fact>(named: NamedSelect, ground: Ground<Fact>): readonly Fact[] {
    const { select, text } = named;
    const names = namesInside(select, text, named.names);
    const sides = [select.select, ...(select.compounds ?? []).map((compound) => compound.select)];
    return byColumn(
        sides.map((core) => factsOfCore(core, text, names, ground)),
        ground.rule,
    );
}

function factsOfCore<Fact>(core: SqlCore, text: string, names: Names, ground: Ground<Fact>): readonly Fact[] {
    const { schema, rule, outer } = ground;
    const items = core.type === 'SelectFrom' ? (fromItems(core.from, text, names, schema) ?? []) : [];
    const ofItems = new Map(items.map((item) => [item.alias, factsOfItem(item, ground)]));
    const plain = { text, columns: undefined, names, isCte: false, isMaterialized: false, isRecursive: false };
    const scope: ColumnScope<Fact> = {
        column: (table, name) => {
            const found = [...ofItems].flatMap(([alias, columns]) =>
                table === undefined || alias === table.toLowerCase() ? (columns.get(name.toLowerCase()) ?? []) : [],
            );
            return found[0] ?? outer?.column(table, name);
        },
        select: (select) => factsOf({ ...plain, select }, { ...ground, outer: scope }),
    };
    if (core.type === 'SelectValues') {
        return byColumn(
            core.values.map(({ values }) => values.map((value) => rule.ofExpression(value, scope))),
            rule,
        );
    }
    return resultColumns(core, text, starColumns(core, text, names, schema)).map(({ source }) =>
        'expression' in source
            ? rule.ofExpression(source.expression, scope)
            : (ofItems.get(source.star.alias)?.get(source.star.column) ?? rule.unknown),
    );
}

function factsOfItem<Fact>(item: FromItem, ground: Ground<Fact>): ReadonlyMap<string, Fact> {
    const { schema, rule } = ground;
    const columns = columnsOf(item, schema);
    if (item.inner !== undefined) {
        const facts = item.inner.isRecursive ? [] : factsOf(item.inner, ground);
        return new Map(columns.map((column, index) => [column, facts[index] ?? rule.unknown]));
    }
    if (item.table.type !== 'TableSelectTable') {
        return new Map(columns.map((column) => [column, rule.ofFunction(column)]));
    }
    const table = schema.table(item.table.tblName.objName.text);
    return new Map(
        (table?.columns ?? []).map((one) => [one.name.toLowerCase(), rule.ofTable(table as TableFacts, one)]),
    );
}

/** Several lists of columns as one. */
function byColumn<Fact>(lists: readonly (readonly Fact[])[], { unknown, together }: ColumnRule<Fact>): readonly Fact[] {
    const [first = [], ...others] = lists;
    return others.length === 0 ? first : first.map((_, index) => together(lists.map((list) => list[index] ?? unknown)));
}
