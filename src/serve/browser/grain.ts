import type { FigureData, Value } from './fetch-figures.ts';
import { isDay } from './format.ts';
import { daysLater } from './period.ts';

/** What a point of a chart over days stands for. */
export type Grain = 'day' | 'week' | 'month';

/** More points than this are not read one by one. */
const DAYS_MAX = 120;
const WEEKS_MAX = 120;
const DAY_MS = 86_400_000;

/** The grain that follows from the span of a figure whose days may be added up. */
export function grainOf({ can_add_days, rows }: FigureData): Grain {
    const days = rows.map(([day]) => day).filter(isDay);
    if (!can_add_days || days.length < rows.length || days.length === 0) {
        return 'day';
    }
    const sorted = [...days].sort();
    const span = (Date.parse(sorted.at(-1) ?? '') - Date.parse(sorted[0] ?? '')) / DAY_MS + 1;
    return span <= DAYS_MAX ? 'day' : span <= 7 * WEEKS_MAX ? 'week' : 'month';
}

/** The first day of the week (Monday) or the month of a day. */
export function startOf(day: string, grain: Grain): string {
    if (grain === 'month') {
        return `${day.slice(0, 7)}-01`;
    }
    const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
    return grain === 'week' ? daysLater(day, -weekday) : day;
}

/** The last day of what begins with this day. */
export function endOf(start: string, grain: Grain): string {
    if (grain === 'month') {
        const [year, month] = start.split('-').map(Number) as [number, number];
        return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
    }
    return grain === 'week' ? daysLater(start, 6) : start;
}

/** The figure with its days added up; whole numbers stay exact. */
export function atGrain(figure: FigureData, grain: Grain): FigureData {
    if (grain === 'day') {
        return figure;
    }
    const splitAt = figure.series === null ? -1 : figure.columns.indexOf(figure.series);
    const found = new Map<string, Value[]>();
    for (const row of figure.rows) {
        const start = startOf(String(row[0]), grain);
        const key = JSON.stringify([start, splitAt === -1 ? null : String(row[splitAt])]);
        const sums = found.get(key);
        if (sums === undefined) {
            found.set(key, [start, ...row.slice(1)]);
        } else {
            for (let at = 1; at < row.length; at++) {
                sums[at] = at === splitAt ? (sums[at] ?? null) : added(sums[at] ?? null, row[at] ?? null);
            }
        }
    }
    return { ...figure, rows: [...found.values()] };
}

function added(left: Value, right: Value): Value {
    if (left === null || right === null || typeof left === 'string' || typeof right === 'string') {
        return left ?? right;
    }
    const areWhole = Number.isInteger(Number(left)) && Number.isInteger(Number(right));
    const sum = Number(left) + Number(right);
    return areWhole && !Number.isSafeInteger(sum) ? BigInt(left) + BigInt(right) : sum;
}
