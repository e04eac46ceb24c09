import { make } from './dom.ts';
import type { FigureData, Followed } from './fetch-figures.ts';
import { formatValue, kindOf, labelOf } from './format.ts';

/** The single row of a `number` figure, a tile per column; a tile that can be followed to its rows is a button. */
export function numberTiles(figure: FigureData, follow: (value: Followed) => void): HTMLElement {
    const [row] = figure.rows;
    const texts = figure.columns.map((column, index) => {
        return formatValue(row?.[index] ?? null, kindOf(column, figure.unit));
    });
    const tiles = figure.columns.map((column, index) => tile(figure, column, texts[index] ?? '', follow));
    const list = make('ul', { class: 'tiles' }, ...tiles);
    list.style.setProperty('--characters', String(Math.max(...texts.map((text) => text.length))));
    return list;
}

function tile(figure: FigureData, column: string, text: string, follow: (value: Followed) => void): HTMLElement {
    const label = make('span', { class: 'tile-label' }, labelOf(column));
    const number = make('span', { class: 'tile-value' }, text);
    if (figure.rows_question === null) {
        return make('li', {}, make('div', { class: 'tile', 'data-column': column }, label, number));
    }
    const button = make(
        'button',
        { class: 'tile', type: 'button', 'data-column': column, title: 'Show the rows' },
        label,
        number,
    );
    button.addEventListener('click', () => follow({ row: 0, column }));
    return make('li', {}, button);
}
