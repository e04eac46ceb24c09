import type { FigureEntry } from '../../query/dashboard.ts';
import { type Figure, rowsColumns, takesFollowed } from '../../query/figure.ts';
import { hasReadableHead } from '../../query/readable-head.ts';
import { isFailed } from '../answers/ask-readers.ts';
import type { ServeContext } from '../answers/serve-context.ts';
import { errorAnswer, problemOf } from '../http/http-error.ts';
import { periodBefore } from './data-period.ts';
import { askShared, type PageRequest } from './page-request.ts';

/** The empty answer of a figure that cannot be shown. */
const NOTHING = { columns: [], rows: [], rows_question: null, before: null };

/** A figure as JSON text, and whether it may be another one although nothing has changed: it failed for now. */
export interface FigureJson {
    readonly text: Buffer;
    readonly hasFailed: boolean;
}

/** What is known of a figure without its answer. */
export function figureWords(entry: FigureEntry): Readonly<Record<string, unknown>> {
    if ('error' in entry) {
        const { name, file } = entry;
        const nothing = {
            row: null,
            why: null,
            unit: null,
            series: null,
            empty: null,
            alert: null,
            sql: '',
            parameters: [],
        };
        return { name, title: name, chart: 'table', width: 'full', file, ...nothing, can_add_days: false };
    }
    const { name, title, chart, row, why, unit, series, width, empty, file, text, parameters } = entry.figure;
    const names = parameters.map((parameter) => parameter.name);
    const { canAddDays: can_add_days, alert } = entry.figure;
    return {
        name,
        title,
        chart,
        row,
        why,
        unit,
        series,
        width,
        empty,
        alert,
        can_add_days,
        file,
        sql: text,
        parameters: names,
    };
}

/** Asks a figure, with its own time limit. What goes wrong stands in its place. */
export async function figureJson(context: ServeContext, page: PageRequest, entry: FigureEntry): Promise<FigureJson> {
    if ('error' in entry) {
        return failed(entry, entry.error, page);
    }
    const { figure } = entry;
    try {
        const [answer, before] = await Promise.all([
            askShared(context, page, figure),
            figure.chart === 'number' ? periodBefore(context, page, figure) : null,
        ]);
        if (isFailed(answer)) {
            return failed(entry, answer.error, page);
        }
        const words = { ...figureWords(entry), rows_question: rowsQuestion(figure, answer.columns), before };
        // `{"columns":…,"rows":…}` without its opening brace continues the JSON object of `words`.
        const text = Buffer.concat([Buffer.from(`${JSON.stringify(words).slice(0, -1)},`), answer.body.subarray(1)]);
        return { text, hasFailed: false };
    } catch (error) {
        return failed(entry, error, page);
    }
}

function failed(entry: FigureEntry, error: unknown, { pipeline }: PageRequest): FigureJson {
    const { status, body } = errorAnswer(error, pipeline.name);
    const text = JSON.stringify({ ...figureWords(entry), ...NOTHING, error: problemOf(status, body) });
    return { text: Buffer.from(text), hasFailed: status >= 503 };
}

/** How the page asks for the rows of a figure: which columns and filters are parameters of that question. */
function rowsQuestion(figure: Figure, columns: readonly string[]): object | null {
    const asked = rowsColumns(figure, columns);
    const own = new Set(figure.parameters.map(({ name }) => name).filter((name) => !asked.includes(name)));
    return (
        figure.rows && {
            file: figure.rows.file,
            sql: hasReadableHead(figure.rows.text) ? figure.rows.text : '',
            row: figure.rows.row,
            units: figure.rows.units,
            columns: asked,
            filters: figure.rows.parameters.map(({ name }) => name).filter((name) => own.has(name)),
            takes_column: takesFollowed(figure, columns),
        }
    );
}
