import { quoteName } from '../sql/quote.ts';
import type { Database } from '../sqlite/database.ts';
import type { MartShape } from './mart-shape.ts';
import { touchedTable } from './touched-keys.ts';

/** A row to be written, or the key of one that is gone. */
export interface MartRow {
    /** As SQLite holds them, integers as bigints; in the order of `MartShape.key`. */
    readonly key: readonly unknown[];
    /** In the order of `MartShape.columns`; null if the mart has no row of that key any more. */
    readonly values: readonly unknown[] | null;
}

/**
 * The rows whose keys were touched after a change, or all of them with null. One whose key has a null is left out: no
 * target could find it again. The caller holds a read transaction, so that all are of one state.
 */
export function* martRows(database: Database, shape: MartShape, after: number | null): Generator<MartRow> {
    const keys = shape.key.length;
    const statement = database
        .prepare(after === null ? allSql(shape) : touchedSql(shape))
        .raw()
        .safeIntegers();
    const rows = after === null ? statement.iterate() : statement.iterate(after);
    for (const row of rows as Iterable<unknown[]>) {
        const isThere = row.pop() === 1n;
        yield { key: row.slice(0, keys), values: isThere ? row.slice(keys) : null };
    }
}

function allSql({ mart, key, columns }: MartShape): string {
    const selected = [...key.map(quoteName), ...columns.map(({ name }) => quoteName(name)), '1'];
    return `select ${selected.join(', ')} from ${quoteName(mart)} where ${isRow(key)}`;
}

function touchedSql({ mart, key, columns }: MartShape): string {
    const [held, names] = [quoteName(mart), key.map(quoteName)];
    const selected = [
        ...names.map((name) => `elt_reached.${name}`),
        ...columns.map(({ name }) => `elt_held.${quoteName(name)}`),
        `elt_held.${names[0]} is not null`,
    ];
    const same = names.map((name) => `elt_held.${name} = elt_reached.${name}`).join(' and ');
    return `with elt_reached as materialized (
    select distinct ${names.join(', ')}
    from ${quoteName(touchedTable(mart))}
    where _change > ? and ${isRow(key)}
)

select ${selected.join(', ')}
from elt_reached
left join ${held} as elt_held on ${same}`;
}

function isRow(key: readonly string[]): string {
    return key.map((name) => `${quoteName(name)} is not null`).join(' and ');
}
