import type { FigureData, Followed, RowsQuestion } from './fetch-figures.ts';
import type { PageHead } from './fetch-page.ts';

/** The filters of the page, by name, from its address: `?from=2010-05-08&country=DE`. */
export type Filters = ReadonlyMap<string, string>;

export function filtersOf(search: string): Filters {
    return new Map([...new URLSearchParams(search)].filter(([, value]) => value !== ''));
}

/** `?from=2010-05-08`, or the empty text. */
export function searchOf(filters: Iterable<readonly [string, string]>): string {
    const text = new URLSearchParams([...filters].map(([name, value]): [string, string] => [name, value])).toString();
    return text === '' ? '' : `?${text}`;
}

/** Without those that the server has left out. */
export function knownFilters(filters: Filters, { ignored }: Pick<PageHead, 'ignored'>): Filters {
    return new Map([...filters].filter(([name]) => !ignored.some((one) => one.name === name)));
}

export function dataAddress(pipeline: string, filters: Filters): string {
    return `${base(pipeline)}/data${searchOf(filters)}`;
}

/** One figure alone, to be read again. */
export function figureAddress(pipeline: string, name: string, filters: Filters): string {
    return `${base(pipeline)}/figures/${encodeURIComponent(name)}/data${searchOf(filters)}`;
}

export function eventsAddress(pipeline: string): string {
    return `${base(pipeline)}/events`;
}

/** The address of the figure as CSV, with only its own parameters. */
export function csvAddress(pipeline: string, figure: FigureData, filters: Filters): string {
    const own = [...filters].filter(([name]) => figure.parameters.includes(name));
    return `${base(pipeline)}/figures/${encodeURIComponent(figure.name)}.csv${searchOf(own)}`;
}

/** What the rows behind a value of a figure are asked with: its columns, and the filters that the question takes. */
export function rowsSearch(
    question: RowsQuestion,
    figure: FigureData,
    { row, column }: Followed,
    filters: Filters,
): Filters {
    const found = new Map<string, string>();
    for (const name of question.filters) {
        const value = filters.get(name);
        if (value !== undefined) {
            found.set(name, value);
        }
    }
    for (const name of question.columns) {
        const value = figure.rows[row]?.[figure.columns.indexOf(name)];
        if (value !== null && value !== undefined) {
            found.set(name, String(value));
        }
    }
    if (question.takes_column && column !== null) {
        found.set(FOLLOWED, column);
    }
    return found;
}

/** The parameter that names the column of the value that was followed. */
export const FOLLOWED = 'column';

/** `''`, `.csv` or `/total`, and what orders the rows or limits them. */
export function rowsAddress(
    pipeline: string,
    figure: FigureData,
    search: Filters,
    end: '' | '.csv' | '/total',
    more: readonly (readonly [string, string])[] = [],
): string {
    return `${base(pipeline)}/figures/${encodeURIComponent(figure.name)}/rows${end}${searchOf([...search, ...more])}`;
}

function base(pipeline: string): string {
    return `/dashboard/${encodeURIComponent(pipeline)}`;
}
