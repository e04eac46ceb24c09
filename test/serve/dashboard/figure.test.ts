import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EltError } from '../../../src/core/errors.ts';
import { readDashboard } from '../../../src/query/dashboard.ts';
import { figureNames, figureOf, readFigure, rowsColumns, rowsQuestionOf } from '../../../src/query/figure.ts';
import { workFolder } from '../../support/elt.ts';

/** `code` and `where` of an error, or `none`. */
function saidOf(work: () => unknown): string {
    try {
        work();
        return 'none';
    } catch (error) {
        if (error instanceof EltError) {
            return `${error.code} ${error.facts.where}`;
        }
        throw error;
    }
}

const FILE = 'sql/p/dashboard/10_f.sql';
const figure = (head: string, sql = "select 'a' as name, 1 as count;") => figureOf('10_f', FILE, `${head}\n${sql}`);
const HEAD = '-- title: Things\n-- chart: bar';

describe('the head of a figure', () => {
    test('says how it is drawn', () => {
        const head = `${HEAD}\n-- unit: things\n-- series: kind\n-- width: half\n-- row: a name\n-- why: to know`;
        const { title, chart, unit, series, width, row, why, rows } = figure(head);
        expect({ title, chart, unit, series, width, row, why, rows }).toEqual({
            ...{ title: 'Things', chart: 'bar', unit: 'things', series: 'kind', width: 'half' },
            ...{ row: 'a name', why: 'to know', rows: null },
        });
        expect(figure(HEAD).width).toBe('full');
    });

    test.each([
        ['no title', '-- chart: bar', 'SQL_HEADER sql/p/dashboard/10_f.sql:1'],
        ['no chart', '-- title: Things', 'SQL_HEADER sql/p/dashboard/10_f.sql:1'],
        ['an unknown chart', '-- title: Things\n-- chart: pie', 'SQL_HEADER sql/p/dashboard/10_f.sql:2'],
        ['an unknown width', `${HEAD}\n-- width: quarter`, 'SQL_HEADER sql/p/dashboard/10_f.sql:3'],
        ['an unknown key', `${HEAD}\n-- colour: red`, 'SQL_HEADER sql/p/dashboard/10_f.sql:3'],
        ['a title twice', `${HEAD}\n-- title: More`, 'SQL_HEADER sql/p/dashboard/10_f.sql:3'],
        ['series of a number', '-- title: T\n-- chart: number\n-- series: n', 'SQL_HEADER sql/p/dashboard/10_f.sql:3'],
        ['series of a table', '-- title: T\n-- series: n\n-- chart: table', 'SQL_HEADER sql/p/dashboard/10_f.sql:2'],
        ['a parameter it does not use', `${HEAD}\n-- param: d date`, 'SQL_HEADER sql/p/dashboard/10_f.sql:3'],
    ])('%s is refused with its line', (_, head, said) => {
        expect(saidOf(() => figure(head))).toBe(said);
    });

    test('two statements are refused', () => {
        expect(saidOf(() => figure(HEAD, 'select 1;\nselect 2;'))).toBe('SQL_STATEMENT sql/p/dashboard/10_f.sql:4');
    });
});

describe('the rows behind a figure', () => {
    const rows = (head: string, sql: string) =>
        rowsQuestionOf('10_f.rows', 'sql/p/dashboard/10_f.rows.sql', `${head}\n${sql}`);
    const following = (own: string, asked: ReturnType<typeof rows>) =>
        figureOf('10_f', FILE, `${own}\nselect 'a' as name, 1 as count, :from as day;`, asked);
    const own = `${HEAD}\n-- param: from date`;

    test('a column of the figure is taken from the row, the rest are filters', () => {
        const asked = rows('-- param: name text required\n-- param: from date', 'select :name, :from;');
        expect(rowsColumns(following(own, asked), ['name', 'count', 'day'])).toEqual(['name']);
    });

    test('a name that is both is the column', () => {
        const asked = rows('-- param: from date', 'select :from;');
        expect(rowsColumns(following(own, asked), ['from', 'count'])).toEqual(['from']);
    });

    test('a parameter that is neither is refused with its line', () => {
        const asked = rows('-- row: a thing\n-- param: colour text', 'select :colour;');
        expect(saidOf(() => rowsColumns(following(own, asked), ['name', 'count']))).toBe(
            'SQL_HEADER sql/p/dashboard/10_f.rows.sql:2',
        );
    });

    test('a unit belongs to a column of it', () => {
        const asked = rows('-- unit: amount minor units\n-- unit: waited seconds', 'select 1 as amount;');
        expect(asked.units).toEqual({ amount: 'minor units', waited: 'seconds' });
        expect(saidOf(() => rows('-- unit: seconds', 'select 1 as waited;'))).toBe(
            'SQL_HEADER sql/p/dashboard/10_f.rows.sql:1',
        );
    });

    test('series must be a column after the first', () => {
        for (const series of ['name', 'kind']) {
            const said = saidOf(() => rowsColumns(figure(`${HEAD}\n-- series: ${series}`), ['name', 'count']));
            expect(said).toBe('SQL_HEADER sql/p/dashboard/10_f.sql:3');
        }
    });
});

describe('a dashboard', () => {
    const project = (files: Readonly<Record<string, string>>): string => {
        const folder = workFolder();
        mkdirSync(join(folder, 'p', 'dashboard'), { recursive: true });
        for (const [name, text] of Object.entries(files)) {
            writeFileSync(join(folder, 'p', 'dashboard', name), text);
        }
        return folder;
    };
    const good = `${HEAD}\n-- param: from date\nselect 'a' as name, :from as day;`;

    test('figures are in the order of their names; rows and options beside them are not figures', () => {
        const folder = project({
            '20_b.sql': good,
            '10_a.sql': good,
            '10_a.rows.sql': '-- param: name text\nselect :name;',
            'from.options.sql': 'select 1;',
            'notes.md': '',
        });
        expect(figureNames(folder, 'p')).toEqual(['10_a', '20_b']);
        const { figures, filters } = readDashboard(folder, 'p');
        expect(figures.map((entry) => 'figure' in entry && entry.figure.rows?.name)).toEqual(['10_a.rows', undefined]);
        expect(filters.map(({ name, type, options }) => [name, type, options?.file])).toEqual([
            ['from', 'date', 'sql/p/dashboard/from.options.sql'],
        ]);
        expect(figureNames(folder, 'other')).toEqual([]);
    });

    test('a file that cannot be read affects only its own place', () => {
        const folder = project({ '10_a.sql': '-- chart: bar\nselect 1;', '20_b.sql': good });
        const { figures, filters } = readDashboard(folder, 'p');
        expect(figures.map((entry) => ('error' in entry ? entry.error.code : entry.name))).toEqual([
            'SQL_HEADER',
            '20_b',
        ]);
        expect(filters.map(({ name }) => name)).toEqual(['from']);
    });

    test.each([
        ['another type', '-- param: from text'],
        ['another default', '-- param: from date default 2020-01-01'],
        ['a range', '-- param: from date range 2020-01-01..2021-01-01'],
        ['required', '-- param: from date required'],
    ])('a filter declared in two ways: %s is refused with both places', (_, param) => {
        const other = `${HEAD}\n${param}\nselect 'a' as name, :from as day;`;
        const { figures } = readDashboard(project({ '10_a.sql': good, '20_b.sql': other }), 'p');
        const error = figures[1] !== undefined && 'error' in figures[1] ? figures[1].error : undefined;
        expect(error?.facts.where).toBe('sql/p/dashboard/20_b.sql:3');
        expect(error?.facts.found).toContain('"sql/p/dashboard/10_a.sql" line 3');
    });

    test('an unknown figure: the nearest name', () => {
        const folder = project({ '10_sales.sql': good });
        expect(saidOf(() => readFigure(folder, 'p', '10_sale'))).toBe('MODEL_UNKNOWN sql/p/dashboard/');
        expect(saidOf(() => readFigure(folder, 'p', '../dashboard/10_sales'))).toBe('MODEL_UNKNOWN sql/p/dashboard/');
    });
});
