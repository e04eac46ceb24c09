import type { FigureData } from './dashboard-data.ts';
import { formatValue } from './format.ts';
import type { Plot, Series } from './plot.ts';

/** What a chart shows, in sentences, for people who do not see it. */
export function summaryOf(figure: FigureData, plot: Plot): string {
    const [first, last] = [plot.categories[0], plot.categories.at(-1)];
    if (first === undefined || last === undefined) {
        return 'Nothing to show.';
    }
    const kind = figure.chart === 'line' ? 'Line chart' : 'Bar chart';
    const span = first === last ? `for ${first}` : plot.isOverDays ? `from ${first} to ${last}` : 'by value';
    const shown = plot.series.slice(0, SERIES_MAX).map((series) => seriesText(series, plot));
    const more = plot.series.length - shown.length;
    return [`${kind} ${span}.`, ...shown, ...(more > 0 ? [`And ${more} more series.`] : [])].join(' ');
}

/** More of them nobody listens to; the table has them all. */
const SERIES_MAX = 6;

function seriesText({ name, kind, values }: Series, { categories }: Plot): string {
    let [least, most] = [-1, -1];
    values.forEach((value, index) => {
        if (value !== null) {
            least = least === -1 || value < (values[least] ?? value) ? index : least;
            most = most === -1 || value > (values[most] ?? value) ? index : most;
        }
    });
    const said = (index: number): string => `${formatValue(values[index], kind)} (${categories[index]})`;
    if (most === -1) {
        return `${name}: no values.`;
    }
    return least === most ? `${name}: ${said(most)}.` : `${name}: highest ${said(most)}, lowest ${said(least)}.`;
}
