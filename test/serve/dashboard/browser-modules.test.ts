import { describe, expect, test } from 'vitest';
import { csvAddress, filtersOf, rowsAddress, rowsSearch, searchOf } from '../../../src/serve/browser/address.ts';
import { type FigureData, parseExactly } from '../../../src/serve/browser/fetch-figures.ts';
import {
    cellText,
    dayAndYearText,
    formatTick,
    formatValue,
    isName,
    kindOf,
    labelOf,
    nameText,
    shortened,
    tickStep,
    timeText,
} from '../../../src/serve/browser/format.ts';
import { plotOf } from '../../../src/serve/browser/plot.ts';
import { leftOutText, summaryOf } from '../../../src/serve/browser/summary.ts';

/** The parts of the page that work without a page. */

const FIGURE: FigureData = {
    ...{ name: '10_f', title: 'F', chart: 'line', row: null, why: null, unit: 'cents', series: 'kind', width: 'half' },
    ...{
        file: 'sql/p/dashboard/10_f.sql',
        sql: '',
        empty: null,
        alert: null,
        can_add_days: false,
        before: null,
        parameters: ['from'],
        columns: ['date', 'kind', 'sum'],
    },
    rows: [
        ['2020-02-28', 'in', 100],
        ['2020-02-28', 'out', 50],
        ['2020-03-01', 'in', 300],
    ],
    rows_question: {
        ...{ file: '', sql: '', row: null, units: {}, columns: ['date', 'kind'], filters: ['from'] },
        takes_column: false,
    },
};

describe('values', () => {
    test.each([
        [1234567, 'amount_cents', null, '12,345.67'],
        [-5, 'balance_cents', null, '−0.05'],
        [9007199254740993n, 'sum', 'cents', '90,071,992,547,409.93'],
        [9007199254740993n, 'count', null, '9,007,199,254,740,993'],
        [46, 'share_percent', 'players', '46 %'],
        [45.5, 'rate', 'percent', '45.5 %'],
        [0, 'average_seconds', null, '0 s'],
        [59.5, 'average_seconds', null, '59.5 s'],
        [60, 'average_seconds', null, '1 min'],
        [8147, 'average_seconds', null, '2 h 15 min'],
        [86_400, 'average_seconds', null, '1 d'],
        [970.92, 'revenue_usd', null, '$970.92'],
        [970.9, 'revenue', 'EUR', '€970.90'],
        [1234.5, 'events', 'events', '1,234.5'],
        [null, 'events', null, '–'],
        ['007', 'merchant_type_code', 'cents', '007'],
    ])('%s in %s (%s) is %s', (value, column, unit, text) => {
        expect(formatValue(value, kindOf(column, unit))).toBe(text);
    });

    test.each([
        ['campaign_share_percent', 'Campaign share'],
        ['merchantTypeCode', 'Merchant type code'],
        ['date', 'Date'],
        ['_cents', '_cents'],
    ])('the column %s is called %s', (column, label) => {
        expect(labelOf(column)).toBe(label);
    });

    test('names of classes are written as words, others as they are', () => {
        expect(['HARD_DECLINE', 'SETTLED', 'EUR', 'no_campaign', 'X_1'].map(nameText)).toEqual([
            'Hard decline',
            'Settled',
            'EUR',
            'no_campaign',
            'X 1',
        ]);
    });

    test('ticks are short, and time has steps in units of time', () => {
        expect(formatTick(250_000_00, kindOf('x_cents', null))).toBe('250K');
        expect(formatTick(150, kindOf('x', 'USD'))).toBe('$150');
        expect(formatTick(21_600, kindOf('x_seconds', null))).toBe('6 h');
        expect(tickStep(82_000, kindOf('x_seconds', null))).toBe(21_600);
        expect(tickStep(82_000, kindOf('x', null))).toBeUndefined();
    });

    test('whole numbers beyond a double stay exact', () => {
        expect(parseExactly('{"rows":[[9007199254740993,-9223372036854775808,1.5,"9007199254740993"]]}')).toEqual({
            rows: [[9007199254740993n, -9223372036854775808n, 1.5, '9007199254740993']],
        });
    });
});

describe('what is drawn', () => {
    test('a series for each value of the column that splits; days that are missing have no value', () => {
        const { categories, isOverDays, series } = plotOf(FIGURE);
        expect(categories).toEqual(['2020-02-28', '2020-02-29', '2020-03-01']);
        expect(isOverDays).toBe(true);
        expect(series.map(({ name, values, rows }) => [name, values, rows])).toEqual([
            ['in', [100, null, 300], [0, -1, 2]],
            ['out', [50, null, null], [1, -1, -1]],
        ]);
    });

    test('else a series for each column of values', () => {
        const columns = ['name', 'average_seconds', 'longest_seconds'];
        const { series, categories } = plotOf({
            ...FIGURE,
            series: null,
            columns,
            rows: [
                ['b', 1, 2],
                ['a', 3, null],
            ],
        });
        expect(categories).toEqual(['b', 'a']);
        expect(series.map(({ name, values }) => [name, values])).toEqual([
            ['Average', [1, 3]],
            ['Longest', [2, null]],
        ]);
    });

    test('what would be unreadable is left out, with a note', () => {
        const names = { ...FIGURE, chart: 'bar' as const, series: null, columns: ['name', 'count'], unit: null };
        const many = plotOf({ ...names, rows: Array.from({ length: 45 }, (_, index) => [`n${index}`, index]) });
        expect(many.categories.length).toBe(40);
        expect(leftOutText(many)).toBe('The first 40 of 45; the table has all');
        const rows = Array.from({ length: 10 }, (_, index) => ['2020-01-01', `s${index}`, index]);
        const split = plotOf({ ...FIGURE, rows });
        expect(split.series.map(({ name }) => name)).toEqual(['s3', 's4', 's5', 's6', 's7', 's8', 's9']);
        expect(leftOutText(split)).toBe('The largest 7 of 10 series; the table has all');
        expect(leftOutText(plotOf(FIGURE))).toBe('');
    });

    test('an answer without rows draws nothing', () => {
        const nothing = { ...FIGURE, rows: [] };
        expect(plotOf(nothing).categories).toEqual([]);
        expect(summaryOf(nothing, plotOf(nothing))).toBe('Nothing to show.');
    });

    test('the summary describes the chart in words', () => {
        expect(summaryOf(FIGURE, plotOf(FIGURE))).toBe(
            'Line chart from 2020-02-28 to 2020-03-01. in: highest 3.00 (2020-03-01), lowest 1.00 (2020-02-28). ' +
                'out: 0.50 (2020-02-28).',
        );
    });
});

const AT = { row: 1, column: 'amount_cents' };

describe('addresses', () => {
    test('the filters of the page are written and read back', () => {
        const filters = new Map([
            ['from', '2020-01-01'],
            ['name', 'a&b = ü'],
        ]);
        expect([...filtersOf(searchOf(filters))]).toEqual([...filters]);
        expect(searchOf([])).toBe('');
        expect([...filtersOf('?from=&to=2020-01-02')]).toEqual([['to', '2020-01-02']]);
    });

    test('a figure is asked with its own filters, its rows with those they take and with the row', () => {
        const filters = new Map([
            ['from', '2020-01-01'],
            ['country', 'DE'],
        ]);
        expect(csvAddress('my pipe', FIGURE, filters)).toBe('/dashboard/my%20pipe/figures/10_f.csv?from=2020-01-01');
        const search = rowsSearch(
            FIGURE.rows_question as NonNullable<FigureData['rows_question']>,
            FIGURE,
            AT,
            filters,
        );
        expect(rowsAddress('p', FIGURE, search, '', [['limit', '5']])).toBe(
            '/dashboard/p/figures/10_f/rows?from=2020-01-01&date=2020-02-28&kind=out&limit=5',
        );
        expect(rowsAddress('p', FIGURE, search, '.csv')).toContain('/figures/10_f/rows.csv?');
        expect(rowsAddress('p', FIGURE, search, '/total')).toContain('/figures/10_f/rows/total?');
        // Only a question that asks for it is told which column was followed.
        const asks = { ...(FIGURE.rows_question as NonNullable<FigureData['rows_question']>), takes_column: true };
        expect(rowsSearch(asks, FIGURE, AT, filters).get('column')).toBe('amount_cents');
        expect(search.has('column')).toBe(false);
    });
});

describe('cells', () => {
    test.each([
        [54893, 'user_id', false, '54893'],
        [54893n, 'userId', false, '54893'],
        [7, 'id', false, '7'],
        ['0742', 'merchant_type_code', false, '0742'],
        [5411, 'merchantTypeCode', false, '5411'],
        [54893, 'paid', false, '54,893'],
        [54893, 'valid', false, '54,893'],
        [null, 'user_id', false, '–'],
        ['2023-03-25T11:31:26.482190', 'datetime', false, '2023-03-25 11:31:26'],
        ['2023-03-25 11:31:26+00:00', 'created_at', false, '2023-03-25 11:31:26+00:00'],
        ['2023-03-25', 'date', true, '2023-03-25'],
        ['2023-03-25T11:31:26 and more', 'note', false, '2023-03-25T11:31:26 and more'],
    ])('%s in %s is %4$s', (value, column, isFirst, text) => {
        expect(cellText(value, column, isFirst, null)).toBe(text);
    });

    test('only ids and codes are names', () => {
        const columns = ['id', 'user_id', 'code', 'currency_code', 'paid', 'grid', 'decode', 'identity', 'Id'];
        expect(columns.filter(isName)).toEqual(['id', 'user_id', 'code', 'currency_code']);
    });

    test('a time without seconds, or another text, is left as it is', () => {
        expect(timeText('12:30')).toBe('12:30');
    });
});

describe('labels at an axis', () => {
    test('the first day says its year', () => {
        expect(dayAndYearText('2010-05-08')).toBe('8 May\n2010');
    });

    test.each([
        ['short', 10, 'short'],
        ['HARD_DECLINE', 20, 'Hard decline'],
        ['x'.repeat(5_000), 20, `${'x'.repeat(19)}…`],
    ])('%s in %i characters', (name, most, text) => {
        expect(shortened(name, most)).toBe(text);
    });
});
