import type { FigureData, FilterData, RowsQuestion } from './fetch-figures.ts';

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

/** Only the filters of the page: the server would refuse other parameters of an address. */
export function knownFilters(filters: Filters, parameters: readonly FilterData[]): Filters {
    return new Map([...filters].filter(([name]) => parameters.some((parameter) => parameter.name === name)));
}

export function dataAddress(pipeline: string, filters: Filters): string {
    return `${base(pipeline)}/data${searchOf(filters)}`;
}

export function eventsAddress(pipeline: string): string {
    return `${base(pipeline)}/events`;
}

/** The address of the figure as CSV, with only its own parameters. */
export function csvAddress(pipeline: string, figure: FigureData, filters: Filters): string {
    const own = [...filters].filter(([name]) => figure.parameters.includes(name));
    return `${base(pipeline)}/figures/${encodeURIComponent(figure.name)}.csv${searchOf(own)}`;
}

/** The address of the rows behind one row of a figure: with its columns and the filters that the question takes. */
export function rowsSearch(question: RowsQuestion, figure: FigureData, row: number, filters: Filters): Filters {
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
    return found;
}

export function rowsAddress(pipeline: string, figure: FigureData, search: Filters, limit: number | null): string {
    const end = limit === null ? '/rows.csv' : '/rows';
    const all = limit === null ? [...search] : [...search, ['limit', String(limit)] as const];
    return `${base(pipeline)}/figures/${encodeURIComponent(figure.name)}${end}${searchOf(all)}`;
}

function base(pipeline: string): string {
    return `/dashboard/${encodeURIComponent(pipeline)}`;
}
