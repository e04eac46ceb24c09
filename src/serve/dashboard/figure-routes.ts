import type { FastifyInstance } from 'fastify';
import { figureNames, readFigure } from '../../query/figure.ts';
import type { Question } from '../../query/question.ts';
import { answerRequest } from '../answers/answer-request.ts';
import type { ServeContext } from '../answers/serve-context.ts';
import type { ServedPipeline } from '../answers/served-pipeline.ts';
import { HttpError } from '../http/http-error.ts';
import { readTarget } from '../http/request-target.ts';
import { pipelineOf } from './pipeline-of.ts';
import { orderedRows, rowsTotal } from './rows-in-order.ts';

/** Each figure of a dashboard as a question: `NAME`, `NAME/rows`, and `NAME/rows/total`. */
export function figureRoutes(app: FastifyInstance, context: ServeContext): void {
    app.get('/dashboard/:pipeline/figures/*', async (request, reply) => {
        const pipeline = pipelineOf(context, request);
        const { words, suffix, given } = readTarget(request.url);
        const [, , , name = '', rows, total, ...rest] = words;
        const isTotal = total === 'total';
        if (rest.length > 0 || (rows !== undefined && rows !== 'rows') || (total !== undefined && !isTotal)) {
            throw new HttpError('NOT_FOUND', 'there is no such figure');
        }
        const figure = figureQuestion(context, pipeline, name, rows !== undefined);
        const [question, own] = isTotal
            ? [rowsTotal(figure, pipeline.connection()), given]
            : rows === undefined
              ? [figure, given]
              : orderedRows(figure, given, pipeline.connection());
        const key = `${pipeline.name} figure ${figure.name}${isTotal ? ' total' : ''}`;
        return await answerRequest(
            context,
            { pipeline, question, key, inPath: new Map(), given: own, suffix },
            request,
            reply,
        );
    });
}

/**
 * The question of a figure or of its rows, limited but unordered: the dashboard shows the first rows, however many there
 * are.
 * @throws HttpError NOT_FOUND
 */
function figureQuestion(context: ServeContext, pipeline: ServedPipeline, name: string, isRows: boolean): Question {
    if (!figureNames(context.options.sqlFolder, pipeline.name).includes(name)) {
        throw new HttpError('NOT_FOUND', 'there is no such figure');
    }
    const figure = readFigure(context.options.sqlFolder, pipeline.name, name);
    const question = isRows ? figure.rows : figure;
    if (question === null) {
        throw new HttpError('NOT_FOUND', 'the figure has no question for its rows');
    }
    return { ...question, page: question.page ?? [] };
}
