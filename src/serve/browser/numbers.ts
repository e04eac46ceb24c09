import { changeText } from './change-text.ts';
import { make } from './dom.ts';
import type { FigureData, Followed } from './fetch-figures.ts';
import { formatValue, kindOf, labelOf } from './format.ts';
import { periodText } from './period.ts';
import { sparkline } from './sparkline.ts';
import { crossedText } from './threshold.ts';

/** The values by day of a tile's column, where a chart of the page has them. */
type Lines = ReadonlyMap<string, readonly number[]>;

/** The single row of a `number` figure, a tile per column; a tile that can be followed to its rows is a button. */
export function numberTiles(figure: FigureData, lines: Lines, follow: (value: Followed) => void): HTMLElement {
    const [row] = figure.rows;
    const texts = figure.columns.map((column, index) => {
        return formatValue(row?.[index] ?? null, kindOf(column, figure.unit));
    });
    const tiles = figure.columns.map((column, index) => {
        const change = changeOf(figure, index);
        const crossed = crossedText(figure, column, row?.[index] ?? null);
        const mark = crossed === null ? [] : [make('span', { class: 'tile-alert' }, crossed)];
        const line = sparkline(lines.get(column) ?? []);
        return tile(
            figure,
            column,
            texts[index] ?? '',
            [...mark, ...(change === null ? [] : [change]), ...(line === null ? [] : [line])],
            follow,
        );
    });
    const list = make('ul', { class: 'tiles' }, ...tiles);
    list.style.setProperty('--characters', String(Math.max(...texts.map((text) => text.length))));
    return list;
}

function tile(
    figure: FigureData,
    column: string,
    text: string,
    more: readonly Element[],
    follow: (value: Followed) => void,
): HTMLElement {
    const label = make('span', { class: 'tile-label' }, labelOf(column));
    const number = make('span', { class: 'tile-value' }, text);
    if (figure.rows_question === null) {
        return make('li', {}, make('div', { class: 'tile', 'data-column': column }, label, number, ...more));
    }
    const button = make(
        'button',
        { class: 'tile', type: 'button', 'data-column': column, title: 'Show the rows' },
        label,
        number,
        ...more,
    );
    button.addEventListener('click', () => follow({ row: 0, column }));
    return make('li', {}, button);
}

/** What has changed since the period before, in words; null if there is nothing to compare with. */
function changeOf(figure: FigureData, index: number): HTMLElement | null {
    const { before, rows, columns } = figure;
    const isShare = kindOf(columns[index] ?? '', figure.unit).kind === 'percent';
    const text = before === null ? null : changeText(rows[0]?.[index] ?? null, before.row[index] ?? null, isShare);
    if (before === null || text === null) {
        return null;
    }
    return make(
        'span',
        { class: 'tile-change', title: `Compared with ${periodText(before)}` },
        text,
        make('span', { class: 'visually-hidden' }, ` compared with ${periodText(before)}`),
    );
}
