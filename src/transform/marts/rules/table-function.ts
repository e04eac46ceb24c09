import type { SqlExpression, SqlTable } from '../../../sql/grammar/sql-nodes.ts';
import { type Join, type JoinedTables, joinTables, scopeOf } from './join-tables.ts';
import { NotCovered, type Reading, type Surroundings } from './reading.ts';
import { EMPTY_JOINED, type Joined } from './scope.ts';
import { tellExpression } from './tell-expression.ts';
import { asked, columnValue, NULL_VALUE, type Told, union, type Value } from './value.ts';
import { EMPTY_WAY, settle } from './way.ts';

type TableCall = Extract<SqlTable, { type: 'TableCallSelectTable' }>;

/** What the functions that take a document to pieces give. Source: https://www.sqlite.org/json1.html, section 4. */
const COLUMNS = ['key', 'value', 'type', 'atom', 'id', 'parent', 'fullkey', 'path'] as const;
const FUNCTIONS: ReadonlySet<string> = new Set(['json_each', 'json_tree']);

/**
 * Joins a table function: its rows follow from its arguments, so they change where a row changes that gives those. The
 * arguments are told beside each way of the tables before it; where they cannot be told, of its rows nothing is.
 */
export function tableFunction(
    left: JoinedTables,
    call: TableCall,
    join: Join,
    around: Surroundings,
    reading: Reading,
): JoinedTables {
    const name = call.tblName.objName.text.toLowerCase();
    if (!FUNCTIONS.has(name)) {
        throw new NotCovered(`the table function ${name}() is not known`);
    }
    if (join.kind.outer === 'right' || join.kind.outer === 'full') {
        throw new NotCovered(`a ${join.kind.outer} join with ${name}()`);
    }
    const alias = call.alias?.name.text ?? call.tblName.objName.text;
    const beside = (ways: readonly Joined[], part: 'rows' | 'changes'): readonly Joined[] =>
        ways.flatMap((one) =>
            settleArguments(one, call.args ?? [], around, reading).flatMap(({ joined, value }) => {
                // A document that is null gives no rows.
                const rows = value?.isNull === true ? [] : [item(name, value, alias, reading)];
                const side = { rows, changes: [], columns: starColumns(alias) };
                const alone: JoinedTables = { rows: [], changes: [], columns: left.columns, [part]: [joined] };
                return joinTables(alone, side, join, around, reading)[part];
            }),
        );
    return {
        rows: beside(left.rows, 'rows'),
        changes: beside(left.changes, 'changes'),
        columns: [...left.columns, ...starColumns(alias)],
    };
}

/** The ways in which the arguments are what they are; none where one is null: then there are no rows. */
function settleArguments(
    joined: Joined,
    args: readonly SqlExpression[],
    around: Surroundings,
    reading: Reading,
): readonly { readonly joined: Joined; readonly value: Told }[] {
    const told = (one: Joined): readonly Told[] =>
        args.map((argument) => tellExpression(argument, scopeOf(one, around), reading.schema));
    const asks = union(...told(joined).flatMap((value) => (value === null ? [] : [asked(value)])));
    return settle(joined.way, asks).map((way) => {
        const here = { ...joined, way };
        const values = told(here);
        return { joined: here, value: values.includes(null) ? null : listOf(values as readonly Value[]) };
    });
}

function listOf(values: readonly Value[]): Value {
    const [document] = values;
    return {
        ...NULL_VALUE,
        text: values.flatMap((value, index) => (index === 0 ? value.text : [', ', ...value.text])),
        reads: union(...values.map((value) => value.reads)),
        sides: union(...values.map((value) => value.sides)),
        nullWith: document?.nullWith ?? new Set(),
        isNull: document?.isNull ?? false,
    };
}

function item(name: string, call: Value | null, alias: string, reading: Reading): Joined {
    const id = reading.nextOccurrence();
    const values = COLUMNS.map((column): readonly [string, Told] => [
        column,
        call && columnValue({ occurrence: id, column, type: 'any' }, 'none', false),
    ]);
    const occurrence = call && { id, kind: 'call' as const, name, call, alias };
    const way = occurrence === null ? EMPTY_WAY : { ...EMPTY_WAY, occurrences: [occurrence] };
    return { ...EMPTY_JOINED, way, items: [{ alias: alias.toLowerCase(), columns: new Map(values) }] };
}

function starColumns(alias: string): JoinedTables['columns'] {
    return COLUMNS.map((column) => ({ alias: alias.toLowerCase(), column }));
}
