import type { SqlFrom, SqlTable } from '../../sql/grammar/sql-nodes.ts';
import type { EngineItem, EngineScope } from './engine-scope.ts';
import { condition } from './engine-values.ts';
import type { EngineNames, Translation } from './translation.ts';

const [CROSS, NATURAL, LEFT, RIGHT] = [2, 4, 8, 16];

/** A FROM clause, with what its names mean. */
export function translateFrom(
    from: SqlFrom,
    names: EngineNames,
    outer: EngineScope | undefined,
    to: Translation,
): { readonly sql: string; readonly items: readonly EngineItem[] } {
    const items: EngineItem[] = [];
    const parts: string[] = [];
    const add = (table: SqlTable): string => {
        const { sql, item } = translateTable(table, names, outer, to);
        items.push(item);
        return sql;
    };
    if (from.select !== undefined) {
        parts.push(add(from.select));
    }
    for (const { operator, table, constraint } of from.joins ?? []) {
        const bits = operator.type === 'TypedJoinJoinOperator' ? (operator.joinType ?? 0) : CROSS;
        if ((bits & NATURAL) !== 0 || constraint?.type === 'UsingJoinConstraint') {
            to.refuse('"natural join" and "using"', table, 'write "join … on …"');
        }
        const joined = add(table);
        const on =
            constraint?.type === 'OnJoinConstraint'
                ? condition(constraint.expr, { scope: { items, aliases: new Map(), outer }, names }, to)
                : undefined;
        parts.push(`${joinWord(bits, on)} ${joined}${on === undefined ? '' : ` on ${on}`}`);
    }
    return { sql: parts.join('\n'), items };
}

/** In SQLite `cross join … on` is a join whose order is fixed; elsewhere `cross join` takes no condition. */
function joinWord(bits: number, on: string | undefined): string {
    const isLeft = (bits & LEFT) !== 0;
    const isRight = (bits & RIGHT) !== 0;
    return isLeft && isRight
        ? 'full join'
        : isLeft
          ? 'left join'
          : isRight
            ? 'right join'
            : on === undefined
              ? 'cross join'
              : 'join';
}

function translateTable(
    table: SqlTable,
    names: EngineNames,
    outer: EngineScope | undefined,
    to: Translation,
): { readonly sql: string; readonly item: EngineItem } {
    switch (table.type) {
        case 'TableSelectTable': {
            const name = table.tblName.objName.text;
            const alias = table.alias?.name.text ?? name;
            const known = names.get(name.toLowerCase()) ?? to.schema.table(name);
            if (known !== undefined) {
                const sql = `${to.dialect.name(known.as)} as ${to.dialect.name(alias)}`;
                return { sql, item: { alias, columns: known.columns } };
            }
            const view = viewOf(name, to);
            if (view === undefined) {
                return to.refuse(`it reads "${name}", which no model fills`, table.tblName);
            }
            return subquery(to.select(view, new Map(), undefined), alias, to);
        }
        case 'SelectSelectTable':
            return subquery(to.select(table.select, names, outer), table.alias?.name.text ?? 'unnamed', to);
        case 'SubSelectTable':
            return to.refuse('joined tables in parentheses', table.from);
        default:
            return to.refuse(`a table that a function gives: ${table.tblName.objName.text}()`, table.tblName);
    }
}

function viewOf(name: string, to: Translation) {
    const key = name.toLowerCase();
    if (!to.views.has(key)) {
        to.views.set(key, to.schema.view(name));
    }
    return to.views.get(key)?.select;
}

function subquery(
    { sql, columns }: ReturnType<Translation['select']>,
    alias: string,
    to: Translation,
): { readonly sql: string; readonly item: EngineItem } {
    return { sql: `(\n${sql.replace(/^(?=.)/gm, '    ')}\n) as ${to.dialect.name(alias)}`, item: { alias, columns } };
}
