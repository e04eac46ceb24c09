import { make } from './dom.ts';
import type { Value } from './fetch-figures.ts';
import { cellText, formatValue, isName, labelOf, PLAIN, unitOfRow } from './format.ts';

interface TableContent {
    readonly caption: string;
    readonly columns: readonly string[];
    readonly rows: readonly (readonly Value[])[];
    readonly unit: string | null;
    /** Of single columns, in its place. */
    readonly units?: Readonly<Record<string, string>>;
    /** Called when a row is followed; null: rows cannot be followed. */
    readonly follow: ((row: number) => void) | null;
    /** How the rows are ordered, and what orders them by a column; without it they cannot be ordered. */
    readonly sort?: { readonly now: Sorted | null; readonly by: (column: string) => void };
}

/** By which column rows are ordered; `isDown`: the largest first. */
export interface Sorted {
    readonly column: string;
    readonly isDown: boolean;
}

/** A page with more rows is slow. */
const ROWS_MAX = 500;

/** A table in a scrolling box; the first cell of a row that can be followed is a button. */
export function dataTable({ caption, columns, rows, unit, units = {}, follow, sort }: TableContent): HTMLElement {
    const isNumeric = columns.map(
        (column, at) => !isName(column) && rows.some((row) => typeof row[at] === 'number' || isBig(row[at])),
    );
    const heads = columns.map((column, at) =>
        make(
            'th',
            {
                scope: 'col',
                class: isNumeric[at] && at > 0 ? 'numeric' : undefined,
                'aria-sort': sort?.now?.column === column ? (sort.now.isDown ? 'descending' : 'ascending') : undefined,
            },
            sort === undefined ? labelOf(column) : sortButton(column, sort.by),
        ),
    );
    const body = rows.slice(0, ROWS_MAX).map((row, index) => {
        const cells = row.map((value, at) => {
            const name = columns[at] ?? '';
            const written = cellText(value, name, at === 0, unitOfRow(units[name] ?? unit, columns, row));
            const tag = at === 0 ? 'th' : 'td';
            const cell = make(tag, {
                class: isNumeric[at] && at > 0 ? 'numeric' : undefined,
                scope: at === 0 ? 'row' : undefined,
            });
            cell.append(at === 0 && follow !== null ? rowButton(written, index, follow) : written);
            return cell;
        });
        return make('tr', {}, ...cells);
    });
    const table = make(
        'table',
        {},
        make('caption', { class: 'visually-hidden' }, caption),
        make('thead', {}, make('tr', {}, ...heads)),
        make('tbody', {}, ...body),
    );
    const box = make('div', { class: 'table-box', tabindex: 0, role: 'region', 'aria-label': caption }, table);
    if (rows.length > ROWS_MAX) {
        const note = `The first ${ROWS_MAX} of ${formatValue(rows.length, PLAIN)} rows; the CSV has all`;
        box.append(make('p', { class: 'note' }, note));
    }
    return box;
}

function sortButton(column: string, by: (column: string) => void): HTMLElement {
    const button = make('button', { type: 'button', class: 'sort-button', title: 'Order by this' }, labelOf(column));
    button.addEventListener('click', () => by(column));
    return button;
}

function rowButton(text: string, index: number, follow: (row: number) => void): HTMLElement {
    const button = make('button', { type: 'button', class: 'row-button', title: 'Show the rows' }, text);
    button.addEventListener('click', () => follow(index));
    return button;
}

function isBig(value: Value | undefined): boolean {
    return typeof value === 'bigint';
}
