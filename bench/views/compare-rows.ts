import { grouped } from '../report.ts';

/** What is wrong with rows, in a cell of a table; `right` if they are the same bag. Numbers are compared by their value. */
export function verdictOf(found: readonly (readonly unknown[])[], expected: readonly (readonly unknown[])[]): string {
    const counts = new Map<string, number>();
    for (const [rows, step] of [
        [expected, 1],
        [found, -1],
    ] as const) {
        for (const row of rows) {
            const text = JSON.stringify(row);
            counts.set(text, (counts.get(text) ?? 0) + step);
        }
    }
    const off = [...counts.values()];
    const missing = off.reduce((sum, count) => sum + Math.max(count, 0), 0);
    const more = off.reduce((sum, count) => sum - Math.min(count, 0), 0);
    if (missing === 0 && more === 0) {
        return 'right';
    }
    return `wrong: of ${grouped(expected.length)} rows ${grouped(missing)} are missing, ${grouped(more)} are others`;
}
