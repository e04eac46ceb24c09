import { columnName } from '../../sql/grammar/column-name.ts';
import type { SqlCore, SqlExpression, SqlSelect, SqlSelectFrom } from '../../sql/grammar/sql-nodes.ts';
import { withoutParentheses } from '../../sql/grammar/walk-nodes.ts';
import { type EngineColumn, type EngineItem, type EngineScope, findColumn } from './engine-scope.ts';
import { commonEngineType, type EngineType } from './engine-type.ts';
import { condition, SQLITE_TYPE, value } from './engine-values.ts';
import { translateFrom } from './translate-from.ts';
import { translateWindow } from './translate-function.ts';
import { translateOrder } from './translate-order.ts';
import type { EngineNames, Place, TranslatedSelect, Translation } from './translation.ts';

/** Translates a SELECT with its CTEs. Every clause is written anew: what is not known here is refused. */
export function translateSelect(
    select: SqlSelect,
    names: EngineNames,
    outer: EngineScope | undefined,
    to: Translation,
): TranslatedSelect {
    const { with: ctes, orderBy = [], limit, compounds = [] } = select;
    const inside = new Map(names);
    const heads: string[] = [];
    for (const cte of ctes?.ctes ?? []) {
        const name = cte.tblName.text;
        if (ctes?.recursive === true) {
            to.refuse('a recursive CTE', cte);
        }
        const { sql, columns } = to.select(cte.select, inside, outer);
        const renamed = columns.map((column, at) => ({
            ...column,
            name: cte.columns?.[at]?.colName.text ?? column.name,
        }));
        const list =
            cte.columns === undefined ? '' : ` (${renamed.map((one) => to.dialect.name(one.name)).join(', ')})`;
        if (cte.columns !== undefined && to.extras.has(cte.select)) {
            to.refuse('json_text() of a column of a CTE whose columns are renamed', cte);
        }
        heads.push(`${to.dialect.name(name)}${list} as (\n${indented(sql)}\n)`);
        inside.set(name.toLowerCase(), { as: name, columns: renamed });
    }
    const cores = [select.select, ...compounds.map((compound) => compound.select)];
    const wanted = cores.length === 1 ? undefined : commonTypes(cores, inside, outer, to);
    const sides = cores.map((core) =>
        translateCore(core, inside, outer, to, wanted, cores.length === 1 ? select : undefined),
    );
    const [first] = sides as [TranslatedCore];
    const words = compounds.map(({ operator }) => COMPOUNDS[operator]);
    const body = sides.map(({ sql }, index) => (index === 0 ? sql : `${words[index - 1]}\n${sql}`)).join('\n');
    const order = orderBy.map((one) => {
        const name = one.expr.type === 'Id' ? one.expr.name.toLowerCase() : undefined;
        const own = first.columns.find((column) => column.name.toLowerCase() === name);
        if (own === undefined && cores.length > 1) {
            to.refuse('an order of a compound SELECT by what is not a result column', one);
        }
        return translateOrder(one, first.place, to, own === undefined ? undefined : to.dialect.name(own.name));
    });
    const sql = [
        ...(heads.length === 0 ? [] : [`with ${heads.join(',\n')}`]),
        body,
        ...(order.length === 0 ? [] : [`order by ${order.join(', ')}`]),
        ...(limit === undefined ? [] : [limitText(limit, to)]),
    ].join('\n');
    return { sql, columns: first.columns };
}

const COMPOUNDS = { Union: 'union', UnionAll: 'union all', Except: 'except', Intersect: 'intersect' } as const;

function limitText({ expr, offset }: NonNullable<SqlSelect['limit']>, to: Translation): string {
    const number = (one: SqlExpression): string =>
        one.type === 'NumericLiteral' && /^\d+$/.test(one.value)
            ? one.value
            : to.refuse('a limit that is computed', one);
    return `limit ${number(expr)}${offset === undefined ? '' : ` offset ${number(offset)}`}`;
}

interface TranslatedCore extends TranslatedSelect {
    readonly place: Place;
}

/** The types that the sides of a compound SELECT have in common. */
function commonTypes(
    cores: readonly SqlCore[],
    names: EngineNames,
    outer: EngineScope | undefined,
    to: Translation,
): readonly EngineType[] {
    const sides = cores.map((core) => translateCore(core, names, outer, to, undefined, undefined).columns);
    return (sides[0] ?? []).map((_, at) => commonEngineType(sides.map((columns) => columns[at]?.type ?? 'any')));
}

function translateCore(
    core: SqlCore,
    names: EngineNames,
    outer: EngineScope | undefined,
    to: Translation,
    wanted: readonly EngineType[] | undefined,
    /** The SELECT that consists of this alone: what reads it may ask it for more columns. */
    whole: SqlSelect | undefined,
): TranslatedCore {
    if (core.type === 'SelectValues') {
        return to.refuse('"values"', core, 'write it as a SELECT');
    }
    const from = core.from === undefined ? { sql: '', items: [] } : translateFrom(core.from, names, outer, to);
    const aliases = new Map(
        core.columns.flatMap((column) =>
            column.type === 'ExprResultColumn' && column.alias !== undefined
                ? [[column.alias.name.text.toLowerCase(), column.expr] as const]
                : [],
        ),
    );
    const place: Place = { scope: { items: from.items, aliases, outer }, names };
    const results = resultsOf(core, place, to).map((one, at) => cast(one, wanted?.[at], to));
    const extras = whole === undefined ? undefined : to.extras.get(whole);
    const isPlain = core.groupBy === undefined && core.distinctness === undefined;
    const list = [
        ...results.map(({ sql, name }) => `${sql} as ${to.dialect.name(name)}`),
        ...[...(extras ?? [])].map(([name, sql]) => `${sql} as ${to.dialect.name(name)}`),
    ];
    const where = core.whereClause === undefined ? [] : [`where ${filter(core.whereClause, place, to)}`];
    const group = (core.groupBy ?? []).map((one) => value(groupedBy(one, core), place, to).sql);
    const windows = (core.windowClause ?? []).map(
        ({ name, window }) => `${to.dialect.name(name.text)} as (${translateWindow(window, place, to)})`,
    );
    const sql = [
        `select${core.distinctness === 'Distinct' ? ' distinct' : ''}\n${indented(list.join(',\n'))}`,
        ...(from.sql === '' ? [] : [`from ${from.sql}`]),
        ...where,
        ...(group.length === 0 ? [] : [`group by ${group.join(', ')}`]),
        ...(core.having === undefined ? [] : [`having ${condition(core.having, place, to)}`]),
        ...(windows.length === 0 ? [] : [`window ${windows.join(', ')}`]),
    ].join('\n');
    const columns = results.map(
        ({ name, type, expression }): EngineColumn => ({
            name,
            type,
            json: (path) =>
                whole === undefined || !isPlain ? undefined : passedOn(whole, expression, path, place, to),
        }),
    );
    return { sql, columns, place };
}

function filter(clause: SqlExpression, place: Place, to: Translation): string {
    const conditions = (one: SqlExpression): readonly SqlExpression[] => {
        const bare = withoutParentheses(one);
        return bare.type === 'BinaryExpr' && bare.op === 'And'
            ? [...conditions(bare.left), ...conditions(bare.right)]
            : [bare];
    };
    return condition(clause, { ...place, filters: new Set(conditions(clause)) }, to);
}

interface Result {
    readonly name: string;
    readonly sql: string;
    readonly type: EngineType;
    readonly expression: SqlExpression | { readonly item: EngineItem; readonly column: EngineColumn };
}

function resultsOf(core: SqlSelectFrom, place: Place, to: Translation): readonly Result[] {
    return core.columns.flatMap((column, at): readonly Result[] => {
        if (column.type !== 'ExprResultColumn') {
            const only = column.type === 'TableStarResultColumn' ? column.table.text.toLowerCase() : undefined;
            return place.scope.items
                .filter(({ alias }) => only === undefined || alias.toLowerCase() === only)
                .flatMap((item) =>
                    item.columns.map((one) => ({
                        name: one.name,
                        sql: `${to.dialect.name(item.alias)}.${to.dialect.name(one.name)}`,
                        type: one.type,
                        expression: { item, column: one },
                    })),
                );
        }
        const { sql, type } = value(column.expr, withoutAliases(place), to);
        return [
            {
                name: column.alias?.name.text ?? columnName(column.expr) ?? `column_${at + 1}`,
                sql,
                type,
                expression: column.expr,
            },
        ];
    });
}

/** A result column does not see the names of the others. */
function withoutAliases({ scope, names }: Place): Place {
    return { scope: { ...scope, aliases: new Map() }, names };
}

/** A null has a type in a compound SELECT: that of the other sides. */
function cast(result: Result, wanted: EngineType | undefined, to: Translation): Result {
    return result.type === 'null' && wanted !== undefined && wanted !== 'null'
        ? { ...result, sql: `cast(null as ${to.dialect.type(SQLITE_TYPE[wanted])})`, type: wanted }
        : result;
}

/** `group by 2` is the second result column. */
function groupedBy(expression: SqlExpression, core: SqlSelectFrom): SqlExpression {
    const column =
        expression.type === 'NumericLiteral' && /^\d+$/.test(expression.value)
            ? core.columns[Number(expression.value) - 1]
            : undefined;
    return column?.type === 'ExprResultColumn' ? column.expr : expression;
}

/** What `json_text` gives of a result column that is a column of a table: a column beside it hands it on. */
function passedOn(
    select: SqlSelect,
    expression: Result['expression'],
    path: string,
    { scope }: Place,
    to: Translation,
): string | undefined {
    const found =
        'item' in expression
            ? expression
            : expression.type === 'QualifiedExpr'
              ? findColumn({ ...scope, outer: undefined }, expression.table.text, expression.column.text)
              : expression.type === 'Id'
                ? findColumn({ ...scope, outer: undefined }, undefined, expression.name)
                : undefined;
    const below = found?.column.json(path);
    if (found === undefined || below === undefined) {
        return undefined;
    }
    const sql = `${to.dialect.name(found.item.alias)}.${to.dialect.name(below)}`;
    const extras = to.extras.get(select) ?? new Map<string, string>();
    const known = [...extras].find(([, one]) => one === sql)?.[0];
    const name = known ?? `_json_${extras.size + 1}`;
    extras.set(name, sql);
    to.extras.set(select, extras);
    return name;
}

export function indented(sql: string): string {
    return sql.replace(/^(?=.)/gm, '    ');
}
