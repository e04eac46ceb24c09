import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changeText } from '../../../src/serve/browser/change-text.ts';
import { partsOf } from '../../../src/serve/browser/currencies.ts';
import type { FigureData } from '../../../src/serve/browser/fetch-figures.ts';
import { formatTick, formatValue, kindOf, unitOf, unitOfRow } from '../../../src/serve/browser/format.ts';
import { atGrain, endOf, grainOf, startOf } from '../../../src/serve/browser/grain.ts';
import { linesByColumn } from '../../../src/serve/browser/lines-by-column.ts';
import { daysLater, knownNumbers, outsideText, periodText, presetsOf } from '../../../src/serve/browser/period.ts';
import { plotOf } from '../../../src/serve/browser/plot.ts';
import { propertyRuns } from '../../support/properties.ts';

/** Days, weeks and currencies, without a page. */

const figure = (more: Partial<FigureData>): FigureData => ({
    ...{ name: '10_f', title: 'F', chart: 'line', row: null, why: null, unit: null, series: null, width: 'half' },
    ...{
        file: '',
        sql: '',
        empty: null,
        alert: null,
        can_add_days: false,
        before: null,
        parameters: [],
        rows_question: null,
    },
    ...{ columns: ['date', 'n'], rows: [] },
    ...more,
});

describe('money', () => {
    test.each([
        [123456, 'GBP', '£1,234.56'],
        [5, 'GBP', '£0.05'],
        [-5, 'GBP', '-£0.05'],
        [123456, 'JPY', '¥123,456'],
        [0, 'JPY', '¥0'],
        [123456, 'KWD', 'KWD 123.456'],
        [7, 'KWD', 'KWD 0.007'],
        [9007199254740993n, 'GBP', '£90,071,992,547,409.93'],
    ])('%s of the smallest unit of %s is %s', (value, currency, text) => {
        const written = formatValue(value, kindOf('amount', unitOf('minor units', currency)));
        expect(written.replaceAll('\u00a0', ' ')).toBe(text);
    });

    test('cents of a currency are those of columns in cents, and of no other', () => {
        expect(formatValue(123456, kindOf('net_cents', 'USD cents'))).toBe('$1,234.56');
        expect(formatValue(500, kindOf('transactions', 'USD cents'))).toBe('500');
        expect(formatValue(3.5, kindOf('return_rate_percent', 'USD cents'))).toBe('3.5 %');
        expect(formatTick(1_200_000, kindOf('net_cents', 'USD cents'))).toBe('$12K');
    });

    test('a tick, a row that names its currency, and a unit that is none of a currency', () => {
        expect(formatTick(58e9, kindOf('amount', unitOf('minor units', 'GBP')))).toBe('£580M');
        expect(formatTick(58e9, kindOf('amount', unitOf('minor units', 'JPY')))).toBe('¥58B');
        expect(unitOfRow('minor units', ['date', 'currency_code', 'amount'], ['2020-01-01', 'JPY', 7])).toBe(
            'minor units of JPY',
        );
        expect(unitOfRow('minor units', ['date', 'amount'], ['2020-01-01', 7])).toBe('minor units');
        expect(unitOf('events', 'GBP')).toBe('events');
        expect(unitOf('minor units', 'none')).toBe('minor units');
    });

    test('each currency has an axis of its own, and its values lead to the rows of the figure', () => {
        const amounts = figure({
            ...{ unit: 'minor units', series: 'currency', columns: ['date', 'currency', 'amount'] },
            rows: [
                ['2020-01-01', 'GBP', 100],
                ['2020-01-01', 'JPY', 100],
                ['2020-01-02', 'GBP', 300],
            ],
        });
        const parts = partsOf(amounts);
        expect(parts.map(({ title, rowOf }) => [title, rowOf])).toEqual([
            ['GBP', [0, 2]],
            ['JPY', [1]],
        ]);
        expect(parts.map((part) => plotOf(part.figure).kind)).toEqual([
            { kind: 'minor', currency: 'GBP' },
            { kind: 'minor', currency: 'JPY' },
        ]);
        expect(partsOf({ ...amounts, unit: 'events' })).toHaveLength(1);
    });
});

describe('days', () => {
    test.each([
        ['2024-02-29', 'week', '2024-02-26', '2024-03-03'],
        ['2024-03-03', 'week', '2024-02-26', '2024-03-03'],
        ['2024-03-04', 'week', '2024-03-04', '2024-03-10'],
        ['2024-02-29', 'month', '2024-02-01', '2024-02-29'],
        ['2023-12-31', 'month', '2023-12-01', '2023-12-31'],
        ['2023-12-31', 'day', '2023-12-31', '2023-12-31'],
    ] as const)('%s is in the %s from %s to %s', (day, grain, start, end) => {
        expect([startOf(day, grain), endOf(startOf(day, grain), grain)]).toEqual([start, end]);
    });

    test.each([
        [120, 'day'],
        [121, 'week'],
        [840, 'week'],
        [841, 'month'],
    ] as const)('%i days are shown by %s', (days, grain) => {
        const rows = [['2020-01-01', 1] as const, [daysLater('2020-01-01', days - 1), 1] as const];
        expect(grainOf(figure({ can_add_days: true, rows }))).toBe(grain);
        expect(grainOf(figure({ can_add_days: false, rows }))).toBe('day');
    });

    test('weeks and months hold what their days hold', () => {
        fc.assert(
            fc.property(
                fc.array(fc.tuple(fc.nat(2_000), fc.constantFrom('in', 'out'), fc.integer({ min: -1e15, max: 1e15 }))),
                fc.constantFrom('week' as const, 'month' as const),
                (all, grain) => {
                    const rows = all.map(([day, kind, value]) => [daysLater('2020-01-01', day), kind, value]);
                    const whole = figure({ series: 'kind', columns: ['date', 'kind', 'n'], rows });
                    const found = atGrain(whole, grain).rows;
                    for (const kind of ['in', 'out']) {
                        const sum = (of: typeof rows): bigint =>
                            of.reduce((total, [, one, value]) => total + (one === kind ? BigInt(value ?? 0) : 0n), 0n);
                        expect(sum(found as typeof rows)).toBe(sum(rows));
                    }
                    const keys = found.map(([start, kind]) => `${start} ${kind}`);
                    expect(new Set(keys).size).toBe(keys.length);
                    expect(found.every(([start]) => startOf(String(start), grain) === start)).toBe(true);
                },
            ),
            propertyRuns(200),
        );
    });

    test('a period in words, and what can be chosen', () => {
        expect(periodText({ from: '2010-05-08', to: '2010-05-23' })).toBe('8 May 2010 to 23 May 2010');
        expect(periodText({ from: '2010-05-08', to: '2010-05-08' })).toBe('8 May 2010');
        const chosen = presetsOf({ from: '2010-05-08', to: '2010-05-23' }, '2026-11-30');
        expect(chosen.map(({ label, period }) => [label, period?.from ?? null, period?.to ?? null])).toEqual([
            ['Last day', '2010-05-23', '2010-05-23'],
            ['7 days', '2010-05-17', '2010-05-23'],
            ['Month', '2010-04-24', '2010-05-23'],
            ['All', null, null],
        ]);
        expect(presetsOf({ from: '2010-05-08', to: '2010-05-23' }, '2010-05-23')[0]?.label).toBe('Today');
    });

    test.each([
        [{}, null],
        [{ from: '2010-05-23' }, null],
        [{ from: '2010-05-24' }, 'There is no data after 23 May 2010.'],
        [{ to: '2010-05-07' }, 'There is no data before 8 May 2010.'],
        [{ from: '2010-05-10', to: '2010-05-09' }, 'From (2010-05-10) is after To (2010-05-09): no day is in between.'],
    ])('%o: %s', (filters, text) => {
        expect(outsideText({ from: '2010-05-08', to: '2010-05-23' }, new Map(Object.entries(filters)))).toBe(text);
    });
});

describe('tiles', () => {
    test('of days for which there is no data are not known, unless the figure does not look at days', () => {
        const data = { from: '2020-01-01', to: '2020-01-31' };
        const later = new Map([['from', '2021-01-01']]);
        const tiles = figure({ chart: 'number', columns: ['n', 'net_cents'], rows: [[0, 0]], parameters: ['from'] });
        expect(knownNumbers(tiles, data, later).rows).toEqual([[null, null]]);
        expect(knownNumbers(tiles, data, new Map([['from', '2020-01-31']])).rows).toEqual([[0, 0]]);
        expect(knownNumbers(tiles, null, later).rows).toEqual([[0, 0]]);
        expect(knownNumbers({ ...tiles, parameters: [] }, data, later).rows).toEqual([[0, 0]]);
        expect(knownNumbers({ ...tiles, chart: 'bar' }, data, later).rows).toEqual([[0, 0]]);
    });

    test.each([
        [112, 100, false, '+12 %'],
        [95, 100, false, '−5 %'],
        [100.4, 100, false, '+0.4 %'],
        [100, 100, false, '±0 %'],
        [-50, 100, false, '−150 %'],
        [1, 0, false, null],
        [null, 1, false, null],
        [1, null, false, null],
        [43.5, 45, true, '−1.5 points'],
        [45, 45, true, '±0 points'],
    ])('%s after %s (a share: %s) is %s', (now, before, isShare, text) => {
        expect(changeText(now, before, isShare)).toBe(text);
    });

    test('the small line of a tile is what a chart shows of that column, its series added up', () => {
        const lines = linesByColumn([
            figure({ chart: 'number', columns: ['n', 'total'], rows: [[1, 2]] }),
            figure({
                ...{ series: 'kind', columns: ['date', 'kind', 'n'] },
                rows: [
                    ['2020-01-02', 'in', 5],
                    ['2020-01-01', 'in', 1],
                    ['2020-01-01', 'out', 2],
                ],
            }),
            figure({ chart: 'bar', columns: ['name', 'total'], rows: [['a', 1]] }),
        ]);
        expect([...lines]).toEqual([['n', [3, 5]]]);
    });
});
