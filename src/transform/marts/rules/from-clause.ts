import type { SqlExpression, SqlFrom, SqlTable } from '../../../sql/grammar/sql-nodes.ts';
import { conjuncts, hasShallow } from '../../../sql/grammar/walk-nodes.ts';
import { type JoinedTables, type JoinKind, joinTables } from './join-tables.ts';
import { NotCovered, type Reading, type Relation, renamed, type Surroundings } from './reading.ts';
import { EMPTY_JOINED, type Joined } from './scope.ts';
import { tableFunction } from './table-function.ts';
import { tableRelation } from './table-relation.ts';

/** A FROM clause read: the ways through it, and its conditions that may hold subqueries. */
export interface FromClause extends JoinedTables {
    /** Conditions of inner joins: they may hold subqueries, in which rows may change too. */
    readonly conditions: readonly SqlExpression[];
}

export type ReadSelect = (
    select: Extract<SqlTable, { type: 'SelectSelectTable' }>['select'],
    around: Surroundings,
) => Relation;

/** Reads a FROM clause. */
export function readFrom(
    from: SqlFrom | undefined,
    around: Surroundings,
    reading: Reading,
    readSelect: ReadSelect,
): FromClause {
    let tables: JoinedTables = { rows: [EMPTY_JOINED], changes: [], columns: [] };
    const conditions: SqlExpression[] = [];
    const first = from?.select;
    const joins = [
        ...(first === undefined ? [] : [{ table: first, operator: undefined, constraint: undefined }]),
        ...(from?.joins ?? []),
    ];
    for (const { table, operator, constraint } of joins) {
        const kind = kindOf(operator?.type === 'TypedJoinJoinOperator' ? (operator.joinType ?? 0) : 0);
        const on = constraint?.type === 'OnJoinConstraint' ? conjuncts(constraint.expr) : [];
        const using =
            constraint?.type === 'UsingJoinConstraint' ? constraint.columns.map(({ text }) => text.toLowerCase()) : [];
        if (kind.outer !== 'none' && on.some((one) => hasShallow(one, ({ type }) => type === 'Select'))) {
            throw new NotCovered('a subquery stands in the "on" of an outer join');
        }
        if (kind.outer === 'none') {
            conditions.push(...on);
        }
        if (table.type === 'TableCallSelectTable') {
            tables = tableFunction(tables, table, { kind, on, using }, around, reading);
            continue;
        }
        const right = readTable(table, around, reading, readSelect);
        conditions.push(...right.conditions);
        tables = joinTables(tables, right, { kind, on, using }, around, reading);
    }
    return { ...tables, conditions };
}

/** Bits of SQLite's join types. Source: sqlite3-parser, `JoinType`. */
const NATURAL = 4;
const LEFT = 8;
const RIGHT = 16;

function kindOf(bits: number): JoinKind {
    const [isLeft, isRight] = [(bits & LEFT) !== 0, (bits & RIGHT) !== 0];
    const outer = isLeft && isRight ? 'full' : isLeft ? 'left' : isRight ? 'right' : 'none';
    return { outer, isNatural: (bits & NATURAL) !== 0 };
}

function readTable(table: SqlTable, around: Surroundings, reading: Reading, readSelect: ReadSelect): FromClause {
    switch (table.type) {
        case 'TableSelectTable': {
            const name = table.tblName.objName.text;
            if (table.tblName.dbName !== undefined && table.tblName.dbName.text.toLowerCase() !== 'main') {
                throw new NotCovered(`"${table.tblName.dbName.text}.${name}" is not in this database`);
            }
            const alias = table.alias?.name.text ?? name;
            return asItem(readNamed(name, alias, around, reading, readSelect), alias);
        }
        case 'SelectSelectTable':
            return asItem(
                readSelect(table.select, { ...around, base: EMPTY_JOINED.way, asksRowsOnly: false }),
                table.alias?.name.text ?? '',
            );
        case 'SubSelectTable':
            if (table.alias !== undefined) {
                throw new NotCovered(`the joined tables in parentheses have a name, "${table.alias.name.text}"`);
            }
            return readFrom(table.from, around, reading, readSelect);
        case 'TableCallSelectTable':
            throw new NotCovered(`the table function ${table.tblName.objName.text}() comes first in parentheses`);
    }
}

/** What a name in a FROM clause stands for: a CTE, a table, a view. */
export function readNamed(
    name: string,
    alias: string,
    around: Surroundings,
    reading: Reading,
    readSelect: ReadSelect,
): Relation {
    const cte = around.ctes.get(name.toLowerCase());
    if (cte !== undefined) {
        return cte();
    }
    const table = reading.schema.table(name);
    if (table !== undefined) {
        return tableRelation(table, alias, reading);
    }
    const view = reading.schema.view(name);
    if (view === undefined) {
        throw new NotCovered(`"${name}" is neither a table nor a view`);
    }
    if (around.views.includes(name.toLowerCase())) {
        throw new NotCovered(`the view "${name}" reads itself`);
    }
    const { select, text, columns } = view;
    const relation = readSelect(select, {
        text,
        ctes: new Map(),
        outer: undefined,
        base: EMPTY_JOINED.way,
        asksRowsOnly: false,
        views: [...around.views, name.toLowerCase()],
    });
    return columns === undefined
        ? relation
        : renamed(
              relation,
              columns.map((column) => column.toLowerCase()),
          );
}

function asItem(relation: Relation, alias: string): FromClause {
    const name = alias.toLowerCase();
    const joined = ({ way, columns }: Relation['rows'][number]): Joined => ({
        way,
        items: [{ alias: name, columns }],
        merged: new Map(),
    });
    return {
        rows: relation.rows.map(joined),
        changes: relation.changes.map(joined),
        columns: relation.names.map((column) => ({ alias: name, column })),
        conditions: [],
    };
}
