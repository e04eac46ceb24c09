import type { FigureData } from './fetch-figures.ts';
import { formatValue } from './format.ts';
import type { Plot, Series } from './plot.ts';

/** A chart's content in sentences, for screen readers. */
export function summaryOf(figure: FigureData, plot: Plot): string {
    const [first, last] = [plot.categories[0], plot.categories.at(-1)];
    if (first === undefined || last === undefined) {
        return 'Nothing to show.';
    }
    const kind = figure.chart === 'line' ? 'Line chart' : 'Bar chart';
    const span = first === last ? `for ${first}` : plot.isOverDays ? `from ${first} to ${last}` : 'by value';
    const shown = plot.series.map((series) => seriesText(series, plot));
    const leftOut = leftOutText(plot);
    return [`${kind} ${span}.`, ...shown, ...(leftOut === '' ? [] : [`${leftOut}.`])].join(' ');
}

/** What a chart does not draw; empty if it draws everything. */
export function leftOutText({ leftOut, categories, series }: Plot): string {
    const parts = [
        ...(leftOut.categories === 0
            ? []
            : [`The first ${categories.length} of ${categories.length + leftOut.categories}`]),
        ...(leftOut.series === 0 ? [] : [`The largest ${series.length} of ${series.length + leftOut.series} series`]),
    ];
    return parts.length === 0 ? '' : `${parts.join(', ').replace(', The', ', the')}; the table has all`;
}

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
