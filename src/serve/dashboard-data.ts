import { type BrokenFigure, type Figure, readFigures } from '../query/figure.ts';
import type { QuestionParameter } from '../query/question-parameter.ts';
import { type Asked, askReaders } from './ask-readers.ts';
import { errorAnswer, HttpError } from './http-error.ts';
import { requestValues } from './request-values.ts';
import type { ServeContext } from './serve-context.ts';
import type { ServedPipeline } from './served-pipeline.ts';

/**
 * What the page of a pipeline shows, as JSON text: all figures out of one read transaction, so that a page never mixes
 * two runs. A figure that cannot be read is an error in its place.
 */
export async function dashboardData(
    context: ServeContext,
    pipeline: ServedPipeline,
    given: ReadonlyMap<string, string>,
): Promise<Buffer> {
    const all = readFigures(context.options.sqlFolder, pipeline.name);
    const figures = all.filter((one): one is Figure => !isBroken(one));
    const parameters = sharedParameters(figures);
    const unknown = [...given.keys()].find((name) => !parameters.some((one) => one.name === name));
    if (unknown !== undefined) {
        throw new HttpError('PARAMETER_UNKNOWN', `no figure has a parameter "${unknown.slice(0, 60)}"`);
    }
    const state = pipeline.state();
    const askings = figures.map((question) => ({
        question,
        values: requestValues({ ...question, page: null }, new Map(), ofFigure(question, given), 1).values,
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
    const head = {
        pipeline: pipeline.name,
        version: state.version,
        last_run: { finished_at: pipeline.lastRun() },
        parameters: parameters.map((one) => ({
            name: one.name,
            type: one.type,
            default: one.default,
            range: one.range,
            value: given.get(one.name) ?? one.default,
        })),
    };
    const pieces: Buffer[] = [Buffer.from(`${JSON.stringify(head).slice(0, -1)},"figures":[`)];
    all.forEach((figure, index) => {
        pieces.push(
            Buffer.from(index === 0 ? '' : ','),
            ...figureText(figure, answers[figures.indexOf(figure as Figure)]),
        );
    });
    pieces.push(Buffer.from(']}\n'));
    return Buffer.concat(pieces);
}

/** The figure's words, with the columns and rows behind them that the reader wrote. */
function figureText(figure: Figure | BrokenFigure, answer: Asked | undefined): readonly Buffer[] {
    const { name, file } = figure;
    if (isBroken(figure)) {
        return [Buffer.from(JSON.stringify({ name, file, error: errorAnswer(figure.error).body }))];
    }
    const { title, chart, row, why, unit, text } = figure;
    const words = { name, title, chart, row, why, unit, file, sql: text };
    if (answer === undefined || 'error' in answer) {
        return [Buffer.from(JSON.stringify({ ...words, error: errorAnswer(answer?.error).body }))];
    }
    // `{"columns":…,"rows":…}` without its first brace continues the object of the words.
    return [Buffer.from(`${JSON.stringify(words).slice(0, -1)},`), answer.body.subarray(1)];
}

/** The parameters of all figures, each once: one filter of the page is for all that know it. */
function sharedParameters(figures: readonly Figure[]): readonly QuestionParameter[] {
    const byName = new Map<string, QuestionParameter>();
    for (const parameter of figures.flatMap((figure) => figure.parameters)) {
        byName.set(parameter.name, byName.get(parameter.name) ?? parameter);
    }
    return [...byName.values()];
}

function ofFigure(figure: Figure, given: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    return new Map([...given].filter(([name]) => figure.parameters.some((parameter) => parameter.name === name)));
}

function isBroken(figure: Figure | BrokenFigure): figure is BrokenFigure {
    return 'error' in figure;
}
