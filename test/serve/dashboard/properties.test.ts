import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { filtersOf, searchOf } from '../../../src/serve/browser/address.ts';
import { type FigureData, parseExactly, type Value } from '../../../src/serve/browser/fetch-figures.ts';
import { formatValue, kindOf } from '../../../src/serve/browser/format.ts';
import { plotOf } from '../../../src/serve/browser/plot.ts';
import { leftOutText, summaryOf } from '../../../src/serve/browser/summary.ts';
import { propertyRuns } from '../../support/properties.ts';

/** What holds for any answer and any address. */

const EMPTY: Omit<FigureData, 'columns' | 'rows' | 'series'> = {
    ...{ name: '10_f', title: 'F', chart: 'bar', row: null, why: null, unit: null, width: 'half' },
    ...{
        file: '',
        sql: '',
        parameters: [],
        empty: null,
        alert: null,
        can_add_days: false,
        before: null,
        rows_question: null,
    },
};

const category = fc.oneof(
    fc.constantFrom('2020-02-28', '2020-03-01', '2021-01-01', 'none'),
    fc.string({ maxLength: 3 }),
    fc.constant(null),
    fc.integer({ min: 0, max: 60 }),
);
const number = fc.oneof(fc.integer(), fc.constant(null), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
const word = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i');

/** Rows as SQL returns them: each pair of category and series occurs once. */
const figure: fc.Arbitrary<FigureData> = fc
    .tuple(
        fc.uniqueArray(fc.tuple(category, word, number, number), {
            selector: ([at, name]) => `${at ?? 'none'} ${name}`,
            maxLength: 80,
        }),
        fc.boolean(),
    )
    .map(([rows, isSplit]) => {
        const once = [...new Map(rows.map((row) => [String(row[0] ?? 'none'), row])).values()];
        const columns = ['at', 'name', 'count', 'sum_cents'];
        return { ...EMPTY, columns, series: isSplit ? 'name' : null, rows: isSplit ? rows : once };
    });

describe('for any answer', () => {
    test('each drawn value is that of its row, and none is lost but those the chart reports', () => {
        fc.assert(
            fc.property(figure, (one) => {
                const plot = plotOf(one);
                let drawn = 0;
                for (const { values, rows, kind } of plot.series) {
                    expect(values.length).toBe(plot.categories.length);
                    values.forEach((value, place) => {
                        const row = one.rows[rows[place] ?? -1];
                        expect(value === null).toBe(row === undefined);
                        if (row !== undefined) {
                            drawn++;
                            expect(String(row[0] ?? 'none')).toBe(plot.categories[place]);
                            expect(row.filter(isNumber).map(Number)).toContain(value);
                            expect(kind).toEqual(
                                kind.kind === 'cents' ? kindOf('sum_cents', null) : kindOf('count', null),
                            );
                        }
                    });
                }
                const numbers = one.rows.flatMap((row) => row.slice(2).filter(isNumber)).length;
                expect(drawn <= numbers).toBe(true);
                expect(drawn === numbers || leftOutText(plot) !== '').toBe(true);
                expect(summaryOf(one, plot)).not.toMatch(/undefined|NaN/);
            }),
            propertyRuns(300),
        );
    });

    test('cents and whole numbers keep every digit', () => {
        fc.assert(
            fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (cents) => {
                const text = formatValue(cents, kindOf('x_cents', null)).replaceAll(',', '').replace('−', '-');
                expect(BigInt(text.replace('.', ''))).toBe(cents);
                expect(BigInt(formatValue(cents, kindOf('x', null)).replaceAll(',', ''))).toBe(cents);
                const [read] = parseExactly(`[${cents}]`) as [number | bigint];
                expect(BigInt(read)).toBe(cents);
            }),
            propertyRuns(1_000),
        );
    });
});

test('for any filters: the address is read back', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
        fc.property(fc.uniqueArray(fc.tuple(text, text), { selector: ([name]) => name }), (filters) => {
            expect([...filtersOf(searchOf(filters))]).toEqual(filters);
        }),
        propertyRuns(1_000),
    );
});

function isNumber(value: Value): value is number | bigint {
    return typeof value === 'number' || typeof value === 'bigint';
}
