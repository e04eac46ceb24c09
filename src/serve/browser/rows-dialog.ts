import { type Filters, rowsAddress, rowsSearch } from './address.ts';
import { disclosure, sqlText } from './card.ts';
import { dataTable } from './data-table.ts';
import { byId, icon, make } from './dom.ts';
import { type FigureData, fetchJson, type Value } from './fetch-figures.ts';
import { labelOf } from './format.ts';

/** The number of rows that are shown; all of them can be downloaded. */
const ROWS_SHOWN = 200;
const CROSS = 'M4 4l8 8M12 4l-8 8';

/** Opens the rows behind one row of a figure: the conditions, the rows, their SQL, their CSV. */
export async function openRows(pipeline: string, figure: FigureData, row: number, filters: Filters): Promise<void> {
    const question = figure.rows_question;
    if (question === null) {
        return;
    }
    const dialog = byId<HTMLDialogElement>('rows');
    const search = rowsSearch(question, figure, row, filters);
    const sqlPanel = make(
        'div',
        { class: 'panel', id: 'rows-sql', hidden: true },
        sqlText(question.file, question.sql),
    );
    const close = make('button', { type: 'button', class: 'round', 'aria-label': 'Close' }, icon(CROSS));
    close.addEventListener('click', () => dialog.close());
    const status = make('p', { class: 'rows-status', role: 'status' }, 'Reading the rows…');
    const content = make('div', { class: 'rows-content' });
    const all = make('a', { class: 'quiet', download: true }, 'CSV');
    all.href = rowsAddress(pipeline, figure, search, null);
    all.setAttribute('aria-label', 'CSV: all these rows');
    dialog.replaceChildren(
        make('div', { class: 'rows-head' }, make('h2', { id: 'rows-title' }, figure.title), close),
        conditions(search),
        make('div', { class: 'rows-bar' }, status, disclosure('SQL', 'these rows', sqlPanel), all),
        sqlPanel,
        content,
    );
    dialog.showModal();
    try {
        const address = rowsAddress(pipeline, figure, search, ROWS_SHOWN);
        const found = await fetchJson<readonly Readonly<Record<string, Value>>[]>(address);
        const columns = Object.keys(found[0] ?? {});
        const rows = found.map((one) => columns.map((column) => one[column] ?? null));
        status.textContent = counted(rows.length);
        content.replaceChildren(
            ...(rows.length === 0
                ? []
                : [dataTable({ caption: `Rows of ${figure.title}`, columns, rows, unit: null, follow: null })]),
        );
    } catch (error) {
        status.textContent = error instanceof Error ? error.message : String(error);
    }
}

function conditions(search: Filters): HTMLElement {
    const parts = [...search].map(([name, value]) =>
        make('li', {}, make('span', { class: 'condition-name' }, labelOf(name)), value),
    );
    return make('ul', { class: 'conditions', 'aria-label': 'What was chosen' }, ...parts);
}

function counted(rows: number): string {
    if (rows >= ROWS_SHOWN) {
        return `The first ${ROWS_SHOWN} rows`;
    }
    return rows === 1 ? '1 row' : `${rows} rows`;
}
