import type { Figure } from '../../query/figure.ts';
import { type Asked, isFailed } from '../answers/ask-readers.ts';
import type { ServeContext } from '../answers/serve-context.ts';
import { askShared, type PageRequest } from './page-request.ts';

/** Days as a page shows them, the last one included. */
export interface Period {
    readonly from: string;
    readonly to: string;
}

/** The values of a period that has passed, to compare with. */
export interface Before extends Period {
    readonly row: readonly unknown[];
}

const DAY = /^\d{4}-\d\d-\d\d$/;
const DAY_MS = 86_400_000;

/**
 * The first and the last day for which there is data, whatever the filters: those of the first line or bar whose first
 * column is days. Null if there is none.
 */
export async function dataPeriod(context: ServeContext, page: PageRequest): Promise<Period | null> {
    const all = { ...page, given: new Map<string, string>() };
    for (const entry of page.dashboard.figures) {
        if ('figure' in entry && entry.figure.chart === 'line' && entry.figure.parameters.some(isFrom)) {
            try {
                const days = rowsOf(await askShared(context, all, entry.figure)).map(([day]) => String(day));
                const sorted = days.filter((day) => DAY.test(day)).sort();
                if (sorted.length > 0) {
                    return { from: sorted[0] as string, to: sorted.at(-1) as string };
                }
            } catch {
                // Its own place on the page says why.
            }
        }
    }
    return null;
}

/** The same figure for as many days as the page shows, just before them; null if the page shows no such period. */
export async function periodBefore(context: ServeContext, page: PageRequest, figure: Figure): Promise<Before | null> {
    const { from = '', to = '' } = Object.fromEntries(page.given);
    const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
    const isAsked = ['from', 'to'].every((name) => figure.parameters.some((one) => one.name === name && isDate(one)));
    if (!isAsked || !(days >= 1)) {
        return null;
    }
    const before = { from: daysBefore(from, days), to: daysBefore(from, 1) };
    const given = new Map([...page.given, ['from', before.from], ['to', before.to]]);
    try {
        const [row] = rowsOf(await askShared(context, { ...page, given }, figure));
        return row === undefined ? null : { ...before, row };
    } catch {
        return null;
    }
}

function isFrom(parameter: { readonly name: string; readonly type: string }): boolean {
    return parameter.name === 'from' && isDate(parameter);
}

function isDate({ type }: { readonly type: string }): boolean {
    return type === 'date';
}

function daysBefore(day: string, days: number): string {
    return new Date(Date.parse(day) - days * DAY_MS).toISOString().slice(0, 10);
}

function rowsOf(answer: Asked): readonly (readonly unknown[])[] {
    if (isFailed(answer)) {
        return [];
    }
    return (JSON.parse(answer.body.toString('utf8')) as { readonly rows: readonly (readonly unknown[])[] }).rows;
}
