import { sqlLiteral } from '../../sql/literal.ts';
import type { ExpectedRow } from './read-case.ts';

/** One difference between the rows that a case expects and those that it got; values as SQL. */
export interface RowDifference {
    /** Which row: its key, or its number where the case does not name the key. */
    readonly row: string;
    readonly column: string;
    /** Null: no such row is expected. */
    readonly expected: string | null;
    /** Null: there is no such row. */
    readonly got: string | null;
}

/** Rows of a table, each with a value for each column. */
export interface GotRows {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly unknown[])[];
}

interface Named {
    readonly number: number;
    readonly row: ReadonlyMap<string, string>;
}

/**
 * The rows beside each other, row by row and column by column, whatever their order; none if they are the same. Only the
 * columns that an expected row names are compared. Rows that are not the same are paired by their key, else by what most
 * of their columns say.
 */
export function compareRows(
    expected: readonly ExpectedRow[],
    got: GotRows,
    key: readonly string[],
): readonly RowDifference[] {
    const left = expected.map(({ columns, values }, index) => named(columns, values, index));
    const right = got.rows.map((values, index) => named(got.columns, values, index));
    const keys = key.map((name) => got.columns.find((column) => column.toLowerCase() === name.toLowerCase()) ?? name);
    // First what is the same, of it the rows that say most: what is left is paired for the reader.
    const bySize = [...left].sort((one, other) => other.row.size - one.row.size);
    const missing = bySize.filter((one) => !taken(right, (other) => differing(one, other).length === 0));
    const byKey = missing.filter((one) => keys.length > 0 && keys.every((column) => one.row.has(column)));
    const pairs: (readonly [Named, Named | undefined])[] = [];
    for (const one of byKey) {
        pairs.push([
            one,
            take(right, (other) => keys.every((column) => one.row.get(column) === other.row.get(column))),
        ]);
    }
    for (const one of missing.filter((other) => !byKey.includes(other))) {
        pairs.push([one, nearest(one, right)]);
    }
    const changed = pairs.sort(([one], [other]) => one.number - other.number);
    return [
        ...changed.flatMap(([one, other]) => rowDifferences(one, other, keys)),
        ...right.flatMap((other) => surplusDifferences(other, keys)),
    ];
}

function named(columns: readonly string[], values: readonly unknown[], index: number): Named {
    return { number: index + 1, row: new Map(columns.map((column, place) => [column, sqlLiteral(values[place])])) };
}

function differing(expected: Named, got: Named): readonly string[] {
    return [...expected.row].flatMap(([column, value]) => (got.row.get(column) === value ? [] : [column]));
}

/** Takes the first row that fits out of the list. */
function take(rows: Named[], fits: (row: Named) => boolean): Named | undefined {
    const place = rows.findIndex(fits);
    return place < 0 ? undefined : rows.splice(place, 1)[0];
}

function taken(rows: Named[], fits: (row: Named) => boolean): boolean {
    return take(rows, fits) !== undefined;
}

/** The row that most of the expected columns fit, at least one. */
function nearest(expected: Named, rows: Named[]): Named | undefined {
    const counts = rows.map((row) => differing(expected, row).length);
    const least = Math.min(expected.row.size, ...counts);
    return least === expected.row.size ? undefined : take(rows, (row) => differing(expected, row).length === least);
}

function rowDifferences(expected: Named, got: Named | undefined, keys: readonly string[]): readonly RowDifference[] {
    const row = nameOfRow(expected, keys);
    if (got === undefined) {
        return told(expected, keys).map(([column, value]) => ({ row, column, expected: value, got: null }));
    }
    return differing(expected, got).map((column) => ({
        row,
        column,
        expected: expected.row.get(column) ?? null,
        got: got.row.get(column) ?? null,
    }));
}

function surplusDifferences(got: Named, keys: readonly string[]): readonly RowDifference[] {
    const row = nameOfRow(got, keys);
    return told(got, keys).map(([column, value]) => ({ row, column, expected: null, got: value }));
}

/** What a whole row is shown by: the columns besides its key that are not null, else all there are. */
function told({ row }: Named, keys: readonly string[]): readonly (readonly [string, string])[] {
    const others = [...row].filter(([column, value]) => !keys.includes(column) && value !== 'null');
    return others.length === 0 ? [...row] : others;
}

function nameOfRow({ number, row }: Named, keys: readonly string[]): string {
    const parts = keys.flatMap((column) => (row.has(column) ? [`${column} = ${row.get(column)}`] : []));
    return parts.length === 0 ? `row ${number}` : parts.join(', ');
}
