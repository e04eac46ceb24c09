import type { FigureData, Value } from './fetch-figures.ts';
import { formatValue, isDay, type Kind, kindOf, labelOf, nameText, unitOf } from './format.ts';
import { endOf, type Grain } from './grain.ts';
import { daysLater } from './period.ts';

/** A figure as it is drawn: values over categories, in one or more series. */
export interface Plot {
    /** The values of the first column; days missing in the answer are added, without values. */
    readonly categories: readonly string[];
    readonly isOverDays: boolean;
    readonly series: readonly Series[];
    /** What is written beside the value of each bar: a second column of values that is a percentage; null: nothing. */
    readonly beside: readonly string[] | null;
    /** What is not drawn because it would be unreadable; the table has everything. */
    readonly leftOut: { readonly categories: number; readonly series: number };
    /** How every value of the figure is formatted; series of several kinds share the first one's axis. */
    readonly kind: Kind;
}

export interface Series {
    readonly name: string;
    /** The column of its values. */
    readonly column: string;
    readonly kind: Kind;
    /** A value per category; null: none. */
    readonly values: readonly (number | null)[];
    /** The row of the answer of each value, by category; -1: none. */
    readonly rows: readonly number[];
}

/** With more days, those without values are not added: a chart has no room for them. */
const DAYS_MAX = 1_000;
/** The number of names that can be read, and of colours that can be distinguished. */
const NAMES_MAX = 40;
const SERIES_MAX = 7;
const DAY_MS = 86_400_000;

/** The series of an answer: one per value of the `series` column, or one per column of values. */
export function plotOf(figure: FigureData, grain: Grain = 'day'): Plot {
    const { columns, rows, series: split, unit } = figure;
    const found = [...new Set(rows.map((row) => textOf(row[0])))];
    const isOverDays = found.length > 0 && found.every(isDay);
    const categories = isOverDays ? everyDay(found, grain) : found.slice(0, NAMES_MAX);
    const places = new Map(categories.map((category, index) => [category, index]));
    const splitAt = split === null ? -1 : columns.indexOf(split);
    const besideAt = besideOf(figure);
    const valuesAt = columns
        .map((_, index) => index)
        .filter((index) => index > 0 && index !== splitAt && index !== besideAt);
    const names = splitAt === -1 ? [null] : [...new Set(rows.map((row) => textOf(row[splitAt])))];
    const all = names.flatMap((name) =>
        valuesAt.map((at): Series => {
            const column = columns[at] ?? '';
            const values: (number | null)[] = categories.map(() => null);
            const rowOf = categories.map(() => -1);
            rows.forEach((row, index) => {
                const place = places.get(textOf(row[0]));
                const value = row[at];
                if (place !== undefined && (name === null || textOf(row[splitAt]) === name) && isNumber(value)) {
                    values[place] = Number(value);
                    rowOf[place] = index;
                }
            });
            const label = labelOf(column);
            const said = name === null ? label : nameText(name);
            const more = name === null || valuesAt.length === 1 ? '' : `, ${label.toLowerCase()}`;
            const own = name === null ? unit : unitOf(unit, name);
            return { name: `${said}${more}`, column, kind: kindOf(column, own), values, rows: rowOf };
        }),
    );
    const series = greatest(all);
    const leftOut = {
        categories: isOverDays ? 0 : found.length - categories.length,
        series: all.length - series.length,
    };
    const beside =
        besideAt === -1
            ? null
            : categories.map((_, place) => {
                  const row = rows[all[0]?.rows[place] ?? -1];
                  const value = row?.[besideAt] ?? null;
                  return value === null ? '' : formatValue(value, kindOf(columns[besideAt] ?? '', unit));
              });
    return { categories, isOverDays, series, beside, leftOut, kind: series[0]?.kind ?? kindOf('', unit) };
}

/** The second of two columns of values, if it is a percentage beside bars of something else; -1: none. */
function besideOf({ chart, columns, series, unit }: FigureData): number {
    const [value = '', share = ''] = columns.slice(1);
    const isShare = kindOf(share, null).kind === 'percent' && kindOf(value, unit).kind !== 'percent';
    return chart === 'bar' && series === null && columns.length === 3 && isShare ? 2 : -1;
}

/** The series with the largest sums, in their original order. */
function greatest(series: readonly Series[]): readonly Series[] {
    const sum = ({ values }: Series): number =>
        values.reduce<number>((total, value) => total + Math.abs(value ?? 0), 0);
    const kept = new Set([...series].sort((left, right) => sum(right) - sum(left)).slice(0, SERIES_MAX));
    return series.filter((one) => kept.has(one));
}

function textOf(value: Value | undefined): string {
    return value === null || value === undefined ? 'none' : String(value);
}

function isNumber(value: Value | undefined): value is number | bigint {
    return typeof value === 'number' || typeof value === 'bigint';
}

/** Every day, week or month from the first to the last; if there are too many days, only the given ones, in order. */
function everyDay(found: readonly string[], grain: Grain): readonly string[] {
    const sorted = [...found].sort();
    if (grain !== 'day') {
        const every: string[] = [];
        const end = sorted.at(-1) ?? '';
        for (let start = sorted[0] ?? ''; start <= end; start = daysLater(endOf(start, grain), 1)) {
            every.push(start);
        }
        return every;
    }
    const first = Date.parse(`${sorted[0]}T00:00:00Z`);
    const last = Date.parse(`${sorted.at(-1)}T00:00:00Z`);
    const count = (last - first) / DAY_MS + 1;
    if (!(count <= DAYS_MAX)) {
        return sorted;
    }
    return Array.from({ length: count }, (_, index) => new Date(first + index * DAY_MS).toISOString().slice(0, 10));
}
