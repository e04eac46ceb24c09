import type { Filters } from './address.ts';
import type { FigureData, Period } from './fetch-figures.ts';

const DAY_MS = 86_400_000;
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });

/** `8 May 2010 to 23 May 2010`. */
export function periodText({ from, to }: Period): string {
    return from === to ? fullDay(from) : `${fullDay(from)} to ${fullDay(to)}`;
}

function fullDay(day: string): string {
    return DAY.format(new Date(`${day}T00:00:00Z`));
}

export function daysLater(day: string, days: number): string {
    return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

interface Preset {
    readonly label: string;
    readonly period: Period | null;
}

/**
 * Periods that can be chosen at once. They end with the last day for which there is data: what is loaded once a month,
 * or has ended, would be empty today.
 */
export function presetsOf({ to }: Period, today: string): readonly Preset[] {
    return [
        { label: to === today ? 'Today' : 'Last day', period: { from: to, to } },
        { label: '7 days', period: { from: daysLater(to, -6), to } },
        { label: 'Month', period: { from: daysLater(to, -29), to } },
        { label: 'All', period: null },
    ];
}

/** Why a figure has nothing to show; null: the period that was chosen is not why. */
export function outsideOf({ parameters }: FigureData, period: Period | null, filters: Filters): string | null {
    return parameters.some((name) => name === 'from' || name === 'to') ? outsideText(period, filters) : null;
}

/** Numbers of days for which there is no data are not known, whatever the SQL of their figure adds up to. */
export function knownNumbers(figure: FigureData, period: Period | null, filters: Filters): FigureData {
    const isKnown = figure.chart !== 'number' || outsideOf(figure, period, filters) === null;
    return isKnown ? figure : { ...figure, rows: figure.rows.map((row) => row.map(() => null)) };
}

/** Why a page with these filters may be empty; null: nothing is known. */
export function outsideText(period: Period | null, filters: Filters): string | null {
    const [from, to] = [filters.get('from') ?? '', filters.get('to') ?? '9999'];
    if (from > to) {
        return `From (${from}) is after To (${to}): no day is in between.`;
    }
    if (period === null || (from <= period.to && to >= period.from)) {
        return null;
    }
    return `There is no data ${from > period.to ? `after ${fullDay(period.to)}` : `before ${fullDay(period.from)}`}.`;
}
