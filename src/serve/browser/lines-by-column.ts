import type { FigureData } from './fetch-figures.ts';
import { isDay } from './format.ts';

/**
 * The values by day of each column that a chart of the page shows by day: a tile of that name has them as its small line.
 * Series of one column are added up.
 */
export function linesByColumn(figures: readonly FigureData[]): ReadonlyMap<string, readonly number[]> {
    const found = new Map<string, readonly number[]>();
    for (const { chart, columns, rows, series, error } of figures) {
        if ((chart !== 'line' && chart !== 'bar') || error !== undefined || !rows.every(([day]) => isDay(day))) {
            continue;
        }
        for (const [at, column] of columns.entries()) {
            if (at > 0 && column !== series && !found.has(column)) {
                const days = new Map<string, number>();
                for (const row of rows) {
                    days.set(String(row[0]), (days.get(String(row[0])) ?? 0) + Number(row[at] ?? 0));
                }
                found.set(
                    column,
                    [...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value),
                );
            }
        }
    }
    return found;
}
