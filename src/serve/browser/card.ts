import { csvAddress, type Filters, searchOf } from './address.ts';
import { Chart } from './chart.ts';
import { type FigurePart, partsOf } from './currencies.ts';
import { dataTable } from './data-table.ts';
import { make } from './dom.ts';
import {
    type FigureData,
    type FigureError,
    type FigureWords,
    type Followed,
    isForNow,
    type Period,
} from './fetch-figures.ts';
import { momentText } from './moment.ts';
import { numberTiles } from './numbers.ts';
import { knownNumbers, outsideOf } from './period.ts';
import { plotOf } from './plot.ts';
import { summaryOf } from './summary.ts';

/** What a card needs from its page. */
interface CardPage {
    readonly pipeline: string;
    readonly filters: () => Filters;
    readonly openRows: (figure: FigureData, value: Followed) => void;
    /** Shows these days alone. */
    readonly zoom: (from: string, to: string) => void;
    /** The days for which there is data; null: not known, or none. */
    readonly period: () => Period | null;
    /** The values by day of a column, where the page has them. */
    readonly lines: () => ReadonlyMap<string, readonly number[]>;
}

/** One figure of the page: title, drawing, and below it the table, the SQL and the CSV of the same figure. */
export class Card {
    readonly element: HTMLElement;
    readonly #page: CardPage;
    readonly #heading: HTMLElement;
    readonly #why: HTMLElement;
    readonly #body = make('div', { class: 'card-body' });
    readonly #foot: HTMLElement;
    readonly #tablePanel: HTMLElement;
    readonly #sqlPanel: HTMLElement;
    readonly #tableButton: HTMLElement;
    readonly #csv = make('a', { class: 'quiet', download: true }, 'CSV');
    /** Of when the figure is, if that is not the last run. */
    readonly #note = make('p', { class: 'as-of', hidden: true });
    readonly #chartNote = make('p', { class: 'note', 'aria-hidden': 'true' });
    /** One for each currency. */
    #charts: readonly Chart[] = [];
    /** Null: nothing has been read yet. */
    #figure: FigureData | null = null;
    #shown = '';
    #shownFor = '';
    #asOf: string | null = null;

    constructor(figure: FigureWords, page: CardPage) {
        this.#page = page;
        const id = `figure-${figure.name}`;
        this.#heading = make('h2', { id }, figure.title);
        this.#why = make('p', { class: 'why' }, figure.why ?? '');
        this.#tablePanel = make('div', { class: 'panel', id: `${id}-table`, hidden: true });
        this.#sqlPanel = make('div', { class: 'panel', id: `${id}-sql`, hidden: true });
        this.#tableButton = disclosure('Table', figure.title, this.#tablePanel);
        this.#foot = make('div', { class: 'card-foot', hidden: true });
        this.element = make(
            'section',
            {
                class: 'card',
                'aria-labelledby': id,
                'aria-busy': 'true',
                'data-figure': figure.name,
                'data-chart': figure.chart,
                'data-width': figure.width,
            },
            make('div', { class: 'card-head' }, this.#heading, this.#why, this.#note),
            this.#body,
            this.#foot,
            this.#tablePanel,
            this.#sqlPanel,
        );
        this.#body.append(make('div', { class: 'skeleton' }));
        const isDrawn = figure.chart === 'line' || figure.chart === 'bar' || figure.chart === 'number';
        this.#foot.append(
            ...(isDrawn ? [this.#tableButton] : []),
            disclosure('SQL', figure.title, this.#sqlPanel),
            this.#csv,
        );
    }

    /** Whether there is a figure, or only its place. */
    get isShown(): boolean {
        return this.#figure !== null;
    }

    /** The next one is being read, and that takes a while. */
    wait(): void {
        if (this.isShown) {
            this.element.setAttribute('aria-busy', 'true');
            this.#say(this.#isOfTheseFilters ? null : 'Reading…');
        }
    }

    /** It stays as it is, since it cannot be read again. */
    keep(why: string): void {
        if (this.isShown) {
            this.element.removeAttribute('aria-busy');
            this.#say(why);
        }
    }

    get #isOfTheseFilters(): boolean {
        return this.#shownFor === searchOf(this.#page.filters());
    }

    #say(why: string | null): void {
        const at = this.#asOf === null ? '' : `As of ${momentText(this.#asOf, new Date())}`;
        this.#note.textContent = [at, why].filter((part) => part !== '' && part !== null).join(': ');
        this.#note.hidden = this.#note.textContent === '';
    }

    /**
     * Shows the figure; true if it differs from the one before. One that failed for now leaves the one before in its
     * place, unless that was for other filters.
     */
    show(figure: FigureData, asOf: string | null): boolean {
        const isKept = this.#figure !== null && this.#figure.error === undefined && this.#isOfTheseFilters;
        if (figure.error !== undefined && isForNow(figure.error) && isKept) {
            this.keep(`${figure.error.error}. Trying again.`);
            return false;
        }
        this.element.removeAttribute('aria-busy');
        this.#note.hidden = true;
        this.#asOf = asOf;
        this.#shownFor = searchOf(this.#page.filters());
        const content = JSON.stringify(figure, (_, value) => (typeof value === 'bigint' ? String(value) : value));
        const { pipeline, filters } = this.#page;
        this.#csv.href = csvAddress(pipeline, figure, filters());
        this.#csv.setAttribute('aria-label', `CSV: ${figure.title}`);
        if (content === this.#shown) {
            return false;
        }
        this.#figure = figure;
        this.#shown = content;
        this.element.dataset.chart = figure.chart;
        this.element.dataset.width = figure.width;
        this.#heading.textContent = figure.title;
        this.#why.textContent = figure.why ?? '';
        this.#foot.hidden = false;
        this.#tableButton.hidden = figure.rows.length === 0;
        this.#sqlPanel.replaceChildren(sqlText(figure.file, figure.sql));
        keepFocus(this.element, () => this.#showBody(figure));
        return true;
    }

    /** Draws again in the colours of the current theme. */
    draw(): void {
        for (const chart of this.#charts) {
            chart.draw();
        }
    }

    /** Again, since what the page knows beside the figure has changed: its period, or the lines of its tiles. */
    showAgain(): void {
        const figure = this.#figure;
        if (figure !== null && figure.error === undefined) {
            keepFocus(this.element, () => this.#showBody(figure));
        }
    }

    /** The last figure that was shown. */
    get figure(): FigureData | null {
        return this.#figure;
    }

    #showBody(answer: FigureData): void {
        const figure = knownNumbers(answer, this.#page.period(), this.#page.filters());
        const body = this.#body;
        const hasTable = figure.error === undefined && figure.chart !== 'table';
        this.#tablePanel.replaceChildren(...(hasTable ? [this.#table(figure)] : []));
        const isEmpty = figure.rows.length === 0;
        const isDrawn = figure.chart === 'line' || figure.chart === 'bar';
        const parts = isDrawn ? partsOf(figure) : [];
        if (!isDrawn || isEmpty || figure.error !== undefined || parts.length !== this.#charts.length) {
            for (const chart of this.#charts) {
                chart.dispose();
            }
            this.#charts = [];
        }
        if (figure.error !== undefined || isEmpty) {
            body.replaceChildren(figure.error === undefined ? this.#empty(figure) : failed(figure.error));
        } else if (figure.chart === 'number') {
            body.replaceChildren(numberTiles(figure, this.#page.lines(), this.#follow));
        } else if (figure.chart === 'table') {
            body.replaceChildren(this.#table(figure));
        } else {
            this.#showCharts(figure, parts);
        }
    }

    #showCharts(figure: FigureData, parts: readonly FigurePart[]): void {
        if (this.#charts.length === 0) {
            this.#charts = parts.map((part, index) => {
                const follow = ({ row, column }: Followed): void => {
                    // The parts of the figure that is shown then.
                    const now = this.#figure === null ? part : (partsOf(this.#figure)[index] ?? part);
                    this.#follow({ row: now.rowOf[row] ?? -1, column });
                };
                return new Chart(part.figure, follow, this.#page.zoom);
            });
            const drawn = this.#charts.map(({ element }, index) => {
                const title = parts[index]?.title ?? null;
                return title === null ? element : make('div', { class: 'part' }, make('h3', {}, title), element);
            });
            const isSplit = parts.length > 1;
            const box = isSplit ? [make('div', { class: 'parts' }, ...drawn)] : drawn;
            this.#body.replaceChildren(...box, this.#chartNote);
        } else {
            for (const [index, title] of this.#body.querySelectorAll('.part > h3').entries()) {
                title.textContent = parts[index]?.title ?? '';
            }
        }
        const lastDay = this.#page.period()?.to ?? null;
        const shown = this.#charts.map((chart, index) => chart.show((parts[index] as FigurePart).figure, lastDay));
        this.#chartNote.textContent = [...new Set(this.#charts.flatMap(({ notes }) => notes))].join('. ');
        void Promise.all(shown).catch((error: unknown) => {
            this.#charts = [];
            this.#body.replaceChildren(failed({ error: String(error), code: '' }), this.#table(figure));
        });
    }

    /** Why there is nothing: what the figure itself says of it, or the days that were chosen. */
    #empty(figure: FigureData): HTMLElement {
        const outside = outsideOf(figure, this.#page.period(), this.#page.filters());
        return make('p', { class: 'empty' }, outside ?? figure.empty ?? 'Nothing here for these filters');
    }

    readonly #follow = (value: Followed): void => {
        if (this.#figure !== null) {
            this.#page.openRows(this.#figure, value);
        }
    };

    #table(figure: FigureData): HTMLElement {
        const { title, chart, columns, rows, unit, rows_question } = figure;
        const isChart = chart === 'line' || chart === 'bar';
        const summary = isChart ? `. ${summaryOf(figure, plotOf(figure))}` : '';
        const follow = rows_question === null ? null : (row: number) => this.#follow({ row, column: null });
        return dataTable({ caption: `Table of ${title}${summary}`, columns, rows, unit, follow });
    }
}

export function sqlText(file: string, sql: string): HTMLElement {
    const text = make('pre', { tabindex: 0, role: 'region', 'aria-label': `The SQL of ${file}` }, sql.trimEnd());
    return make('div', { class: 'sql' }, make('p', { class: 'file' }, file), text);
}

/** A button that opens and closes a panel; `of` names its figure for screen readers. */
export function disclosure(label: string, of: string, panel: HTMLElement): HTMLButtonElement {
    const button = make('button', {
        type: 'button',
        class: 'quiet',
        'aria-label': `${label}: ${of}`,
        'aria-expanded': 'false',
        'aria-controls': panel.id,
    });
    button.append(label);
    button.addEventListener('click', () => {
        panel.hidden = !panel.hidden;
        button.setAttribute('aria-expanded', String(!panel.hidden));
    });
    return button;
}

/** Keeps the focus: the element that replaces a focused button gets it. */
function keepFocus(element: HTMLElement, work: () => void): void {
    const buttons = (): HTMLElement[] => [...element.querySelectorAll<HTMLElement>('button, a, [tabindex]')];
    const at = buttons().indexOf(document.activeElement as HTMLElement);
    work();
    if (at !== -1 && !element.contains(document.activeElement)) {
        buttons()[at]?.focus({ preventScroll: true });
    }
}

function failed(failure: FigureError): HTMLElement {
    const { error, code, where, found, next } = failure;
    const again = isForNow(failure) ? 'Trying again.' : undefined;
    const lines = [where, next, again].filter((line) => line !== undefined);
    return make(
        'div',
        { class: 'failed', role: 'group', 'aria-label': 'Error' },
        make('strong', {}, code),
        make('p', {}, error),
        ...(found === undefined ? [] : [make('p', { class: 'found' }, found)]),
        ...lines.map((line) => make('p', {}, line)),
    );
}
