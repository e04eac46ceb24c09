import type { ParsedSelect } from '../../../sql/grammar/parse-select.ts';
import type { SqlCore, SqlExpression, SqlSelect } from '../../../sql/grammar/sql-nodes.ts';
import {
    columnsOf,
    type FromItem,
    fromItems,
    type NamedSelect,
    type Names,
    namesInside,
    starColumns,
} from '../narrow/from-items.ts';
import { resultColumns } from '../rules/result-columns.ts';
import type { SchemaFacts } from '../rules/schema-facts.ts';
import { commonType, declaredType, type KnownType } from './column-type.ts';
import { expressionType, type TypeScope } from './expression-type.ts';

/** The types of the result columns of a SELECT. Never one that was seen in data: the next value might break it. */
export function selectTypes(parsed: ParsedSelect, schema: SchemaFacts): readonly KnownType[] {
    return typesOf(
        { ...parsed, names: new Map(), isCte: false, isMaterialized: false, isRecursive: false },
        schema,
        undefined,
    );
}

function typesOf(named: NamedSelect, schema: SchemaFacts, outer: TypeScope | undefined): readonly KnownType[] {
    const { select, text } = named;
    const names = namesInside(select, text, named.names);
    const sides = [select.select, ...(select.compounds ?? []).map((compound) => compound.select)];
    const types = sides.map((core) => typesOfCore(core, text, names, schema, outer));
    return (types[0] ?? []).map((_, index) => commonType(types.map((side) => side[index] ?? 'any')));
}

function typesOfCore(
    core: SqlCore,
    text: string,
    names: Names,
    schema: SchemaFacts,
    outer: TypeScope | undefined,
): readonly KnownType[] {
    const items = core.type === 'SelectFrom' ? (fromItems(core.from, text, names, schema) ?? []) : [];
    const ofItems = new Map(items.map((item) => [item.alias, typesOfItem(item, schema, outer)]));
    const scope: TypeScope = {
        column: (table, name) => {
            const found = [...ofItems].flatMap(([alias, columns]) =>
                table === undefined || alias === table.toLowerCase() ? (columns.get(name.toLowerCase()) ?? []) : [],
            );
            return found[0] ?? outer?.column(table, name);
        },
        select: (select: SqlSelect) => typesOf(plain(select, text, names), schema, scope),
    };
    const type = (expression: SqlExpression): KnownType => expressionType(expression, scope);
    if (core.type === 'SelectValues') {
        const rows = core.values.map(({ values }) => values.map(type));
        return (rows[0] ?? []).map((_, index) => commonType(rows.map((row) => row[index] ?? 'any')));
    }
    return resultColumns(core, text, starColumns(core, text, names, schema)).map(({ source }) =>
        'expression' in source
            ? type(source.expression)
            : (ofItems.get(source.star.alias)?.get(source.star.column) ?? 'any'),
    );
}

function typesOfItem(
    item: FromItem,
    schema: SchemaFacts,
    outer: TypeScope | undefined,
): ReadonlyMap<string, KnownType> {
    const columns = columnsOf(item, schema);
    if (item.inner !== undefined) {
        const types = item.inner.isRecursive ? [] : typesOf(item.inner, schema, outer);
        return new Map(columns.map((column, index) => [column, types[index] ?? 'any']));
    }
    if (item.table.type !== 'TableSelectTable') {
        return new Map([
            ['type', 'text'],
            ['id', 'integer'],
            ['parent', 'integer'],
            ['fullkey', 'text'],
            ['path', 'text'],
        ]);
    }
    const table = schema.table(item.table.tblName.objName.text);
    return new Map(
        (table?.columns ?? []).map(({ name, type }) => [
            name.toLowerCase(),
            declaredType(type, table?.isStrict ?? false),
        ]),
    );
}

function plain(select: SqlSelect, text: string, names: Names): NamedSelect {
    return { text, select, columns: undefined, names, isCte: false, isMaterialized: false, isRecursive: false };
}
