import { join } from 'node:path';
import { EltError } from '../core/errors.ts';
import { didYouMeanOrList } from '../core/nearest-name.ts';
import { type HeaderEntry, headerValue, parseHeader } from '../project/file-head.ts';
import { readOptionalSqlFile, readSqlFile, sqlFileNames } from '../project/sql-files.ts';
import { type FigureAlert, parseAlert } from './figure-alert.ts';
import { FIGURE_KEYS, type FigureChart, type FigureWidth, ROWS_KEYS } from './figure-head.ts';
import { type Question, questionWithKeys } from './question.ts';
import { QUESTION_KEYS } from './question-head.ts';

/**
 * A figure of a pipeline's dashboard: a question in `sql/<pipeline>/dashboard/<name>.sql`, whose head also says how it
 * is drawn. The first column is the axis (a day, a reason); `series` may name a second one that splits the values; the
 * others are the values. A `number` shows each column of its single row.
 */
export interface Figure extends Question {
    readonly title: string;
    readonly chart: FigureChart;
    /** The unit of its values; the suffix of a column's name overrides it (`_cents`, `_percent`, `_seconds`, `_usd`); `USD cents` is the
     * currency of those in `_cents`. */
    readonly unit: string | null;
    readonly series: string | null;
    readonly width: FigureWidth;
    /** What is said where it has no rows: why that is so, and whether it is good. */
    readonly empty: string | null;
    /** Where its values are bad. */
    readonly alert: FigureAlert | null;
    /** Its days may be added up to weeks and months. */
    readonly canAddDays: boolean;
    /** `<name>.rows.sql` beside it: the rows that one value of the figure was computed from. */
    readonly rows: RowsQuestion | null;
}

export interface RowsQuestion extends Question {
    /** The units of its columns, as far as their names do not say them. */
    readonly units: Readonly<Record<string, string>>;
}

/** Suffixes of the files beside the figures, after the name of a figure or a parameter. */
const ROWS = '.rows.sql';
export const OPTIONS = '.options.sql';

/** Names of the figures of a pipeline's dashboard, in the order in which the page shows them. */
export function figureNames(sqlFolder: string, pipeline: string): readonly string[] {
    return sqlFileNames(join(sqlFolder, pipeline, 'dashboard'))
        .filter((name) => !name.endsWith(ROWS) && !name.endsWith(OPTIONS))
        .map((name) => name.slice(0, -'.sql'.length));
}

/** @throws EltError MODEL_UNKNOWN, with the nearest name; SQL_HEADER, SQL_STATEMENT for a wrong file. */
export function readFigure(sqlFolder: string, pipeline: string, name: string): Figure {
    const names = figureNames(sqlFolder, pipeline);
    if (!names.includes(name)) {
        throw new EltError({
            code: 'MODEL_UNKNOWN',
            message: `the dashboard of pipeline "${pipeline}" has no figure "${name}"`,
            where: `sql/${pipeline}/dashboard/`,
            found: didYouMeanOrList(name, names, 'figures'),
            next: 'name one of them, or another pipeline with --pipeline',
        });
    }
    const rows = readOptionalSqlFile(sqlFolder, pipeline, `dashboard/${name}${ROWS}`);
    const rowsQuestion = rows === undefined ? null : rowsQuestionOf(`${name}.rows`, rows.file, rows.text);
    const { file, text } = readSqlFile(sqlFolder, pipeline, `dashboard/${name}.sql`);
    return figureOf(name, file, text, rowsQuestion);
}

/**
 * The figures that have a threshold. The others are not parsed: a run looks for thresholds, and parsing a page of figures
 * takes longer than many a run. `onError` is called for each that cannot be read.
 */
export function figuresWithAlert(
    sqlFolder: string,
    pipeline: string,
    onError: (file: string, error: EltError) => void,
): readonly Figure[] {
    return figureNames(sqlFolder, pipeline).flatMap((name) => {
        const file = `sql/${pipeline}/dashboard/${name}.sql`;
        try {
            const { text } = readSqlFile(sqlFolder, pipeline, `dashboard/${name}.sql`);
            const figure = /^\s*--\s*alert\s*:/m.test(text) ? readFigure(sqlFolder, pipeline, name) : null;
            return figure === null || figure.alert === null ? [] : [figure];
        } catch (error) {
            if (error instanceof EltError) {
                onError(file, error);
                return [];
            }
            throw error;
        }
    });
}

/** Parses a figure; `file` is its name as it is shown. */
export function figureOf(name: string, file: string, text: string, rows: RowsQuestion | null = null): Figure {
    const { question, entries: head } = questionWithKeys(name, file, text, FIGURE_KEYS);
    const chart = needed(head, 'chart', file) as FigureChart;
    const width = headerValue(head, 'width') as FigureWidth | undefined;
    const series = headerValue(head, 'series') ?? null;
    if (series !== null && (chart === 'number' || chart === 'table')) {
        throw wrongHead(file, head, 'series', `a ${chart} has no series`, 'remove the line, or draw a line or a bar');
    }
    return {
        ...question,
        title: needed(head, 'title', file),
        chart,
        unit: headerValue(head, 'unit') ?? null,
        series,
        width: width ?? 'full',
        empty: headerValue(head, 'empty') ?? null,
        alert: alertOf(head, file),
        canAddDays: headerValue(head, 'grain') === 'sum',
        rows,
    };
}

/** Parses the question for the rows of a figure. */
export function rowsQuestionOf(name: string, file: string, text: string): RowsQuestion {
    const { question, entries } = questionWithKeys(name, file, text, ROWS_KEYS);
    const units = entries
        .filter(({ key }) => key === 'unit')
        .map(({ value }) => {
            const [, column, unit] = /^(\S+)\s+(.+)$/.exec(value) ?? [];
            if (column === undefined || unit === undefined) {
                const found = `"${value}"; expected a column and its unit`;
                throw wrongHead(file, entries, 'unit', found, 'write it as "-- unit: amount minor units"');
            }
            return [column, unit] as const;
        });
    return { ...question, units: Object.fromEntries(units) };
}

/**
 * The figure's columns that the question for its rows takes as parameters; its other parameters are the figure's.
 * @throws EltError SQL_HEADER if the head names a column that the answer does not have.
 */
export function rowsColumns(figure: Figure, columns: readonly string[]): readonly string[] {
    if (figure.series !== null && !columns.slice(1).includes(figure.series)) {
        const head = parseHeader(figure.text, figure.file, [...QUESTION_KEYS, ...FIGURE_KEYS]);
        const found = `"${figure.series}"; columns after the first: ${columns.slice(1).join(', ') || 'none'}`;
        throw wrongHead(figure.file, head, 'series', found, 'name one of them');
    }
    const own = new Set(figure.parameters.map((parameter) => parameter.name));
    const parameters = figure.rows?.parameters ?? [];
    const lost = parameters.find(({ name }) => !columns.includes(name) && !own.has(name) && name !== FOLLOWED);
    if (figure.rows !== null && lost !== undefined) {
        throw new EltError({
            code: 'SQL_HEADER',
            message: `"${figure.rows.file}" asks for "${lost.name}", which its figure does not have`,
            where: `${figure.rows.file}:${lost.line}`,
            found: `columns: ${columns.join(', ')}; parameters: ${[...own].join(', ') || 'none'}`,
            next: `name a column or a parameter of the figure, or "${FOLLOWED}": the column whose value was followed`,
        });
    }
    // A column takes precedence: the day that was clicked, not the day that the page's filter begins with.
    return parameters.map(({ name }) => name).filter((name) => columns.includes(name));
}

/** The parameter of a question for rows that says which column's value was followed: a tile, or a line of several. */
export const FOLLOWED = 'column';

/** Whether the question for its rows asks which column was followed. A column of that name would be a value itself. */
export function takesFollowed({ rows, parameters }: Figure, columns: readonly string[]): boolean {
    const isAsked = rows?.parameters.some(({ name }) => name === FOLLOWED) ?? false;
    return isAsked && !columns.includes(FOLLOWED) && !parameters.some(({ name }) => name === FOLLOWED);
}

type Head = readonly HeaderEntry[];

function alertOf(head: Head, file: string): FigureAlert | null {
    const text = headerValue(head, 'alert');
    const alert = text === undefined ? null : parseAlert(text);
    if (alert === undefined) {
        throw wrongHead(
            file,
            head,
            'alert',
            `"${text}"; expected a column, <, <=, > or >=, and a number`,
            'correct it',
        );
    }
    return alert;
}

function needed(head: Head, key: string, file: string): string {
    const value = headerValue(head, key);
    if (value === undefined) {
        throw wrongHead(file, head, key, `no line "-- ${key}: …"`, 'write the line');
    }
    return value;
}

function wrongHead(file: string, head: Head, key: string, found: string, next: string): EltError {
    return new EltError({
        code: 'SQL_HEADER',
        message: `the head of "${file}" does not define how the figure is drawn`,
        where: `${file}:${head.find((entry) => entry.key === key)?.line ?? 1}`,
        found,
        next,
    });
}
