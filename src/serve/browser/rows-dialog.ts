import { type Filters, FOLLOWED, rowsAddress, rowsSearch } from './address.ts';
import { disclosure, sqlText } from './card.ts';
import { dataTable, type Sorted } from './data-table.ts';
import { announce, byId, icon, make } from './dom.ts';
import { type FigureData, type Followed, fetchJson, type Value } from './fetch-figures.ts';
import { formatValue, kindOf, labelOf, PLAIN } from './format.ts';

/** The number of rows that are shown at once; all of them can be downloaded. */
const ROWS_SHOWN = 200;
const CROSS = 'M4 4l8 8M12 4l-8 8';

type Row = Readonly<Record<string, Value>>;

/** Opens the rows behind one value of a figure: the conditions, the rows in pages and in any order, their SQL, their CSV. */
export function openRows(pipeline: string, figure: FigureData, value: Followed, filters: Filters): void {
    const question = figure.rows_question;
    if (question !== null) {
        new RowsDialog(pipeline, figure, rowsSearch(question, figure, value, filters)).open(titleOf(figure, value));
    }
}

/** `Returned: rows`: what was followed, in the words of the page. */
function titleOf(figure: FigureData, { row, column }: Followed): string {
    if (figure.chart === 'number' && column !== null) {
        return labelOf(column);
    }
    const columns = figure.columns.length > (figure.series === null ? 2 : 3);
    const more = column !== null && columns && figure.chart !== 'table' ? [labelOf(column)] : [];
    const first = figure.chart === 'number' ? [] : [String(figure.rows[row]?.[0] ?? '')];
    return [figure.title, ...first, ...more].filter((word) => word !== '').join(' · ');
}

class RowsDialog {
    readonly #pipeline: string;
    readonly #figure: FigureData;
    readonly #search: Filters;
    readonly #status = make('p', { class: 'rows-status', role: 'status' }, 'Reading the rows…');
    readonly #content = make('div', { class: 'rows-content' });
    readonly #all = make('a', { class: 'quiet', download: true, 'aria-label': 'CSV: all these rows' }, 'CSV');
    readonly #back = pageButton('Previous rows', () => this.#turn(-1));
    readonly #on = pageButton('Next rows', () => this.#turn(1));
    #offset = 0;
    #sorted: Sorted | null = null;
    /** The columns of the first page: an empty page has none. */
    #columns: readonly string[] = [];
    /** Null until it is known. */
    #total: Row | null = null;
    /** Only the answer to the last request counts. */
    #asked = 0;

    constructor(pipeline: string, figure: FigureData, search: Filters) {
        this.#pipeline = pipeline;
        this.#figure = figure;
        this.#search = search;
    }

    open(title: string): void {
        const dialog = byId<HTMLDialogElement>('rows');
        const { file, sql, row } = this.#figure.rows_question ?? { file: '', sql: '', row: null };
        const sqlPanel = make('div', { class: 'panel', id: 'rows-sql', hidden: true }, sqlText(file, sql));
        const close = make('button', { type: 'button', class: 'round', 'aria-label': 'Close' }, icon(CROSS));
        close.addEventListener('click', () => dialog.close());
        dialog.replaceChildren(
            make('div', { class: 'rows-head' }, make('h2', { id: 'rows-title' }, title), close),
            ...(row === null ? [] : [make('p', { class: 'why' }, `Each row: ${row}`)]),
            conditions(this.#search),
            make(
                'div',
                { class: 'rows-bar' },
                this.#status,
                this.#back,
                this.#on,
                disclosure('SQL', 'these rows', sqlPanel),
                this.#all,
            ),
            sqlPanel,
            this.#content,
        );
        dialog.showModal();
        void this.#read();
        void this.#count();
    }

    async #read(): Promise<void> {
        const asked = ++this.#asked;
        const { column, isDown } = this.#sorted ?? { column: '', isDown: false };
        const order = column === '' ? [] : [['sort', `${isDown ? '-' : ''}${column}`] as const];
        this.#all.href = rowsAddress(this.#pipeline, this.#figure, this.#search, '.csv', order);
        const page = [...order, ['limit', String(ROWS_SHOWN)] as const, ['offset', String(this.#offset)] as const];
        try {
            const found = await fetchJson<readonly Row[]>(
                rowsAddress(this.#pipeline, this.#figure, this.#search, '', page),
            );
            if (asked === this.#asked) {
                this.#show(found);
            }
        } catch (error) {
            this.#status.textContent = error instanceof Error ? error.message : String(error);
        }
    }

    /** It takes longer than the first rows do, which are shown meanwhile. */
    async #count(): Promise<void> {
        try {
            const [total] = await fetchJson<readonly Row[]>(
                rowsAddress(this.#pipeline, this.#figure, this.#search, '/total'),
            );
            this.#total = total ?? null;
            if (this.#columns.length > 0 || total?.rows === 0) {
                this.#say();
            }
        } catch {
            // The rows are there without their total.
        }
    }

    #show(found: readonly Row[]): void {
        this.#columns = found.length === 0 ? this.#columns : Object.keys(found[0] ?? {});
        const columns = this.#columns;
        const rows = found.map((one) => columns.map((column) => one[column] ?? null));
        const sort = { now: this.#sorted, by: (column: string) => this.#sortBy(column) };
        const units = this.#figure.rows_question?.units ?? {};
        const table = {
            caption: `Rows of ${this.#figure.title}`,
            columns,
            rows,
            unit: null,
            units,
            follow: null,
            sort,
        };
        this.#content.replaceChildren(...(rows.length === 0 ? [] : [dataTable(table)]));
        this.#content.scrollTop = 0;
        this.#shown = rows.length;
        this.#say();
        announce(this.#status.textContent ?? '');
    }

    #shown = 0;

    #say(): void {
        const total = this.#total === null ? null : Number(this.#total.rows);
        const to = this.#offset + this.#shown;
        this.#back.hidden = this.#offset === 0;
        this.#on.hidden = total === null ? this.#shown < ROWS_SHOWN : to >= total;
        const units = this.#figure.rows_question?.units ?? {};
        this.#status.textContent = [rangeText(this.#offset, this.#shown, total), ...sums(this.#total, units)].join(
            ' · ',
        );
    }

    #turn(pages: number): void {
        this.#offset = Math.max(0, this.#offset + pages * ROWS_SHOWN);
        void this.#read();
    }

    /** Down first, since the largest are looked for more often; then up; then as the question orders them. */
    #sortBy(column: string): void {
        const now = this.#sorted;
        const next = now?.column !== column ? { column, isDown: true } : now.isDown ? { column, isDown: false } : null;
        this.#sorted = next;
        this.#offset = 0;
        void this.#read();
    }
}

function pageButton(label: string, work: () => void): HTMLButtonElement {
    const button = make('button', { type: 'button', class: 'quiet', hidden: true }, label);
    button.addEventListener('click', work);
    return button;
}

function rangeText(offset: number, shown: number, total: number | null): string {
    const number = (value: number): string => formatValue(value, PLAIN);
    if (total === 0 || (shown === 0 && offset === 0)) {
        return 'No rows';
    }
    if (offset === 0 && total === shown) {
        return shown === 1 ? '1 row' : `${number(shown)} rows`;
    }
    const range = `Rows ${number(offset + 1)} to ${number(offset + shown)}`;
    return total === null ? range : `${range} of ${number(total)}`;
}

/** `Amount 2,968.18 in all`, for each column that can be added up. */
function sums(total: Row | null, units: Readonly<Record<string, string>>): readonly string[] {
    return Object.entries(total ?? {})
        .filter(([name, value]) => name !== 'rows' && value !== null)
        .map(([name, value]) => `${labelOf(name)} ${formatValue(value, kindOf(name, units[name] ?? null))} in all`);
}

function conditions(search: Filters): HTMLElement {
    const parts = [...search]
        .filter(([name]) => name !== FOLLOWED)
        .map(([name, value]) => make('li', {}, make('span', { class: 'condition-name' }, labelOf(name)), value));
    return make('ul', { class: 'conditions', 'aria-label': 'What was chosen' }, ...parts);
}
