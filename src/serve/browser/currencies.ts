import type { FigureData } from './fetch-figures.ts';
import { unitOf } from './format.ts';

/** A figure, or the part of it that is in one currency. */
export interface FigurePart {
    /** The currency; null: the whole figure. */
    readonly title: string | null;
    readonly figure: FigureData;
    /** The row of the whole figure of each row of the part. */
    readonly rowOf: readonly number[];
}

/**
 * The parts that may share an axis: amounts of different currencies may not, since a bar twice as long would not be
 * twice as much. One with other values is one part.
 */
export function partsOf(figure: FigureData): readonly FigurePart[] {
    const at = figure.series === null ? -1 : figure.columns.indexOf(figure.series);
    const currencies = at === -1 ? [] : [...new Set(figure.rows.map((row) => String(row[at])))];
    if (currencies.length < 2 || unitOf(figure.unit, currencies.find(isCode) ?? '') === figure.unit) {
        return [{ title: null, figure, rowOf: figure.rows.map((_, index) => index) }];
    }
    return currencies.map((currency) => {
        const rowOf = figure.rows.flatMap((row, index) => (String(row[at]) === currency ? [index] : []));
        const rows = rowOf.map((index) => figure.rows[index] ?? []);
        return { title: currency, figure: { ...figure, title: `${figure.title}, ${currency}`, rows }, rowOf };
    });
}

function isCode(currency: string): boolean {
    return /^[A-Z]{3}$/.test(currency);
}
