import type { SqlCore, SqlExpression } from '../../../sql/grammar/sql-nodes.ts';
import { conjuncts, nodeText } from '../../../sql/grammar/walk-nodes.ts';
import { quoteName } from '../../../sql/quote.ts';
import { onOneLine } from '../rules/fragment.ts';
import type { SchemaFacts } from '../rules/schema-facts.ts';
import { type CoreKey, columnOf } from './core-key.ts';
import { columnsOf, type FromItem } from './from-items.ts';
import { isAmong, type KeySet } from './key-set.ts';

/** What an item is asked for: its columns at `places`, among `keys`. */
interface Through {
    readonly places: readonly (number | undefined)[];
    readonly keys: KeySet;
}

/**
 * The keys as columns of an item: its own columns of the key, or what equals a column of the table of the key, in the
 * rows of that table which have such a key.
 */
export function keysThrough(
    item: FromItem,
    items: readonly FromItem[],
    core: SqlCore,
    key: CoreKey,
    keys: KeySet,
    text: string,
    schema: SchemaFacts,
): Through | undefined {
    const columns = columnsOf(item, schema);
    const own = key.expressions.filter(({ column }) => column?.alias === item.alias && columns.includes(column.name));
    if (own.length > 0) {
        const sets: KeySet = {
            select: (places, isOfExpression) =>
                keys.select(
                    places.map((at) => own[at]?.place ?? 0),
                    isOfExpression,
                ),
        };
        return { places: own.map(({ column }) => columns.indexOf(column?.name ?? '')), keys: sets };
    }
    if (core.type !== 'SelectFrom') {
        return undefined;
    }
    for (const table of items.filter(
        (one) => one !== item && one.inner === undefined && one.table.type === 'TableSelectTable',
    )) {
        const ofTable = key.expressions.filter(({ column }) => column?.alias === table.alias);
        const equal = equalColumns(item, table, [...item.required, ...conjuncts(core.whereClause)], items, schema);
        if (ofTable.length > 0 && equal.length > 0) {
            const condition = isAmong(ofTable, keys);
            const from = `${nodeText(text, tableName(table))} as ${quoteName(table.alias)}`;
            const sets: KeySet = {
                select: (places) => {
                    const others = places.map((place) => nodeText(text, (equal[place] as Equal).other));
                    return `select ${others.join(', ')} from ${from} where ${onOneLine(condition)}`;
                },
            };
            return { places: equal.map(({ name }) => columns.indexOf(name)), keys: sets };
        }
    }
    return undefined;
}

interface Equal {
    readonly name: string;
    readonly other: SqlExpression;
}

/** Columns of `item` that a condition makes equal to columns of `table`. */
function equalColumns(
    item: FromItem,
    table: FromItem,
    conditions: readonly SqlExpression[],
    items: readonly FromItem[],
    schema: SchemaFacts,
): readonly Equal[] {
    return conditions.flatMap((condition): readonly Equal[] => {
        if (condition.type !== 'BinaryExpr' || condition.op !== 'Equals') {
            return [];
        }
        const sides = [condition.left, condition.right] as const;
        return sides.flatMap((side, index) => {
            const [here, other] = [columnOf(side, items, schema), sides[1 - index] as SqlExpression];
            const there = columnOf(other, items, schema);
            const isPair = here?.alias === item.alias && there?.alias === table.alias;
            return isPair && columnsOf(item, schema).includes(here.name) ? [{ name: here.name, other }] : [];
        });
    });
}

function tableName(item: FromItem) {
    if (item.table.type !== 'TableSelectTable') {
        throw new TypeError('only a table is asked for the keys');
    }
    return item.table.tblName;
}
