import { EltError } from '../errors.ts';
import type { Database } from '../store/database.ts';
import { answer, bindParameters } from './answer.ts';
import type { Dashboard, Filter } from './dashboard.ts';
import { type Figure, rowsColumns } from './figure.ts';
import { parameterValue } from './question-parameter.ts';

/** What a page shows; plain data, bigints where a whole number exceeds 2^53. */
export interface DashboardAnswer {
    readonly pipeline: string;
    readonly last_run: { readonly finished_at: string | null };
    readonly parameters: readonly object[];
    readonly figures: readonly object[];
}

/** A page is for looking at; what is longer is downloaded, or followed to its rows. */
export const FIGURE_ROWS_MAX = 10_000;

/**
 * Asks every figure of the page. The caller holds one read transaction over it, so that all are of one run. A figure
 * that fails is an error in its place.
 * @throws EltError COMMAND_WRONG for a filter that is unknown or not of its type.
 */
export function dashboardAnswer(
    database: Database,
    dashboard: Dashboard,
    given: ReadonlyMap<string, string>,
): DashboardAnswer {
    refuseUnknown(dashboard, given);
    const parameters = dashboard.filters.map((filter) => ({
        name: filter.name,
        type: filter.type,
        default: filter.default,
        range: filter.range,
        value: parameterValue(filter, given.get(filter.name))?.toString() ?? null,
        options: optionsOf(database, filter),
    }));
    const figures = dashboard.figures.map((entry) => {
        if ('error' in entry) {
            return { name: entry.name, title: entry.name, chart: 'table', ...NOTHING, error: saidOf(entry.error) };
        }
        return figureData(database, entry.figure, given);
    });
    return {
        pipeline: dashboard.pipeline,
        last_run: { finished_at: lastRun(database) },
        parameters,
        figures,
    };
}

const NOTHING = {
    ...{ row: null, why: null, unit: null, series: null, width: 'full', file: '', sql: '' },
    ...{ parameters: [], columns: [], rows: [], rows_question: null },
};

function figureData(database: Database, figure: Figure, given: ReadonlyMap<string, string>): object {
    const { name, title, chart, row, why, unit, series, width, file, text } = figure;
    const names = figure.parameters.map((parameter) => parameter.name);
    const head = { name, title, chart, row, why, unit, series, width, file, sql: text, parameters: names };
    try {
        const own = new Map([...given].filter(([parameter]) => names.includes(parameter)));
        const { columns, rows } = answer(database, figure, bindParameters(figure, own));
        const taken: (readonly unknown[])[] = [];
        for (const one of rows) {
            if (taken.length === FIGURE_ROWS_MAX) {
                throw tooLong(figure);
            }
            taken.push(one);
        }
        const asked = rowsColumns(figure, columns);
        const rowsQuestion = figure.rows && {
            file: figure.rows.file,
            sql: figure.rows.text,
            columns: asked,
            filters: figure.rows.parameters.map((one) => one.name).filter((one) => !asked.includes(one)),
        };
        return { ...head, columns, rows: taken, rows_question: rowsQuestion };
    } catch (error) {
        if (error instanceof EltError) {
            return { ...NOTHING, ...head, error: saidOf(error) };
        }
        throw error;
    }
}

/** When a model ran last; null where none has. */
function lastRun(database: Database): string | null {
    return database.prepare('select max(last_run_at) from elt_models').pluck().get() as string | null;
}

/** The values to choose from; a filter whose options fail takes any value. */
function optionsOf(database: Database, { options }: Filter): readonly string[] | null {
    if (options === null) {
        return null;
    }
    try {
        const taken: string[] = [];
        for (const [value] of answer(database, options, bindParameters(options, new Map())).rows) {
            taken.push(String(value));
            if (taken.length === FIGURE_ROWS_MAX) {
                return null;
            }
        }
        return taken;
    } catch (error) {
        if (error instanceof EltError) {
            return null;
        }
        throw error;
    }
}

function refuseUnknown({ filters, pipeline }: Dashboard, given: ReadonlyMap<string, string>): void {
    const names = filters.map((filter) => filter.name);
    const unknown = [...given.keys()].find((name) => !names.includes(name));
    if (unknown !== undefined) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `the dashboard of "${pipeline}" has no filter "${unknown}"`,
            found: `filters: ${names.join(', ') || 'none'}`,
            next: 'correct the name',
        });
    }
}

function tooLong(figure: Figure): EltError {
    return new EltError({
        code: 'COMMAND_WRONG',
        message: `figure "${figure.name}" has more than ${FIGURE_ROWS_MAX} rows`,
        where: figure.file,
        next: 'group or limit it in its file, or narrow the filters',
    });
}

/** What a page may say of an error: the facts without the lower error. */
function saidOf(error: EltError): { readonly error: string; readonly code: string } {
    const { message, where, found } = error.facts;
    return { error: [message, where, found].filter((part) => part !== undefined).join('\n'), code: error.code };
}
