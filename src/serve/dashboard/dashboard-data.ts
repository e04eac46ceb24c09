import { type Dashboard, type FigureEntry, type Filter, readDashboard } from '../../query/dashboard.ts';
import { type Figure, rowsColumns } from '../../query/figure.ts';
import { type Question, questionOf } from '../../query/question.ts';
import { hasReadableHead } from '../../query/readable-head.ts';
import { type Asked, askReaders } from '../answers/ask-readers.ts';
import type { ServeContext } from '../answers/serve-context.ts';
import type { ServedPipeline } from '../answers/served-pipeline.ts';
import { errorAnswer, HttpError } from '../http/http-error.ts';
import { requestValues } from '../http/request-values.ts';

/** When the models last ran; read together with the figures, so that it is the time of their data. */
const LAST_RUN = questionOf(
    'last run',
    'the time of the last run',
    '-- reads: elt_models\nselect max(last_run_at) from elt_models;',
);

/** The empty answer of a figure that cannot be shown. */
const NOTHING = { columns: [], rows: [], rows_question: null };

/**
 * What the page of a pipeline shows, as JSON text: all figures out of one read transaction, so that a page never mixes
 * two runs. A figure that cannot be read is an error in its place.
 */
export async function dashboardData(
    context: ServeContext,
    pipeline: ServedPipeline,
    given: ReadonlyMap<string, string>,
): Promise<Buffer> {
    const dashboard = readDashboard(context.options.sqlFolder, pipeline.name);
    const figures = dashboard.figures.flatMap((entry) => ('figure' in entry ? [entry.figure] : []));
    const options = dashboard.filters.flatMap((filter) => (filter.options === null ? [] : [filter.options]));
    const values = filterValues(dashboard, given);
    const state = pipeline.state();
    const askings = [LAST_RUN, ...options, ...figures].map((question) => ({
        question,
        values: requestValues({ ...question, page: null }, new Map(), knownOf(question, given), 1).values,
        format: 'table' as const,
        page: null,
    }));
    const answers = await askReaders(
        context.pool,
        context.options,
        pipeline,
        state,
        askings,
        `dashboard ${pipeline.name}`,
    );
    const [lastRun, ...others] = answers;
    const optionsAnswers = new Map(options.map((question, index) => [question, others[index]]));
    const head = {
        pipeline: pipeline.name,
        version: state.version,
        last_run: { finished_at: firstColumn(lastRun)?.[0] ?? null },
        parameters: dashboard.filters.map((filter) => filterData(filter, values, optionsAnswers)),
    };
    const figureAnswers = new Map(figures.map((figure, index) => [figure, others[options.length + index]]));
    const pieces = dashboard.figures.flatMap((entry, index) => [
        Buffer.from(index === 0 ? '' : ','),
        ...figureText(entry, 'figure' in entry ? figureAnswers.get(entry.figure) : undefined),
    ]);
    return Buffer.concat([
        Buffer.from(`${JSON.stringify(head).slice(0, -1)},"figures":[`),
        ...pieces,
        Buffer.from(']}\n'),
    ]);
}

/** The value of each filter, as text. @throws HttpError PARAMETER_UNKNOWN */
function filterValues({ filters }: Dashboard, given: ReadonlyMap<string, string>): ReadonlyMap<string, string | null> {
    const unknown = [...given.keys()].find((name) => !filters.some((one) => one.name === name));
    if (unknown !== undefined) {
        throw new HttpError('PARAMETER_UNKNOWN', `no figure has a parameter "${unknown.slice(0, 60)}"`);
    }
    return new Map(filters.map((filter) => [filter.name, given.get(filter.name) || filter.default]));
}

function filterData(
    filter: Filter,
    values: ReadonlyMap<string, string | null>,
    answers: ReadonlyMap<Question, Asked | undefined>,
): object {
    const { name, type, default: usual, range, options } = filter;
    // A filter whose options cannot be read accepts any value.
    const choices = options === null ? null : firstColumn(answers.get(options));
    return { name, type, default: usual, range, value: values.get(name) ?? null, options: choices };
}

/** The figure's description, followed by the columns and rows that the reader wrote. */
function figureText(entry: FigureEntry, answer: Asked | undefined): readonly Buffer[] {
    if ('error' in entry) {
        const words = { name: entry.name, title: entry.name, chart: 'table', width: 'full', file: entry.file };
        const nothing = { row: null, why: null, unit: null, series: null, sql: '', parameters: [], ...NOTHING };
        return [Buffer.from(JSON.stringify({ ...words, ...nothing, error: errorAnswer(entry.error).body }))];
    }
    const { figure } = entry;
    const { name, title, chart, row, why, unit, series, width, file, text } = figure;
    const parameters = figure.parameters.map((parameter) => parameter.name);
    const words = { name, title, chart, row, why, unit, series, width, file, sql: text, parameters };
    if (answer === undefined || 'error' in answer) {
        return [Buffer.from(JSON.stringify({ ...words, ...NOTHING, error: errorAnswer(answer?.error).body }))];
    }
    try {
        const all = { ...words, rows_question: rowsQuestion(figure, answer.columns) };
        // `{"columns":…,"rows":…}` without its first brace continues the object of the description.
        return [Buffer.from(`${JSON.stringify(all).slice(0, -1)},`), answer.body.subarray(1)];
    } catch (error) {
        return [Buffer.from(JSON.stringify({ ...words, ...NOTHING, error: errorAnswer(error).body }))];
    }
}

/** How a page requests the rows of a figure: the columns and filters that its question takes as parameters. */
function rowsQuestion(figure: Figure, columns: readonly string[]): object | null {
    const asked = rowsColumns(figure, columns);
    return (
        figure.rows && {
            file: figure.rows.file,
            sql: hasReadableHead(figure.rows.text) ? figure.rows.text : '',
            columns: asked,
            filters: figure.rows.parameters.map(({ name }) => name).filter((name) => !asked.includes(name)),
        }
    );
}

/** The first column of a small answer, as text; null if it could not be read. */
function firstColumn(answer: Asked | undefined): readonly string[] | null {
    if (answer === undefined || 'error' in answer) {
        return null;
    }
    const { rows } = JSON.parse(answer.body.toString('utf8')) as { readonly rows: readonly (readonly unknown[])[] };
    return rows.flatMap(([value]) => (value === null || value === undefined ? [] : [String(value)]));
}

function knownOf(question: Question, given: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    return new Map([...given].filter(([name]) => question.parameters.some((parameter) => parameter.name === name)));
}
