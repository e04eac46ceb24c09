import type { FastifyInstance, FastifyRequest } from 'fastify';
import { figureNames, readFigure } from '../../query/figure.ts';
import type { Question } from '../../query/question.ts';
import { answerRequest } from '../answers/answer-request.ts';
import type { ServeContext } from '../answers/serve-context.ts';
import type { ServedPipeline } from '../answers/served-pipeline.ts';
import { assetRoutes } from '../http/assets.ts';
import { sendPage } from '../http/html-page.ts';
import { HttpError } from '../http/http-error.ts';
import { readTarget } from '../http/request-target.ts';
import { dashboardAssets } from './dashboard-assets.ts';
import { dashboardData } from './dashboard-data.ts';
import { dashboardPage, indexPage } from './dashboard-pages.ts';
import { RunEvents } from './run-events.ts';

/**
 * The pages of the pipelines and what they load: `/`, `/dashboard/<pipeline>`, its `data`, its `events`, and each of
 * its figures as a question.
 */
export function dashboardRoutes(app: FastifyInstance, context: ServeContext): void {
    const events = new RunEvents();
    // `onClose` would be too late: a server closes only after its connections.
    app.addHook('preClose', async () => events.close());

    app.get('/', async (_, reply) => sendPage(reply, indexPage([...context.pipelines.keys()])));

    app.get('/dashboard/:pipeline', async (request, reply) => {
        return sendPage(reply, dashboardPage(pipelineOf(context, request).name, [...context.pipelines.keys()]));
    });

    app.get('/dashboard/:pipeline/data', async (request, reply) => {
        const data = await dashboardData(context, pipelineOf(context, request), readTarget(request.url).given);
        reply.header('content-type', 'application/json; charset=utf-8').header('cache-control', 'no-cache');
        return context.sendBody(reply, data);
    });

    app.get('/dashboard/:pipeline/events', (request, reply) => {
        const pipeline = pipelineOf(context, request);
        reply.raw.writeHead(200, {
            ...(reply.getHeaders() as Record<string, string>),
            'content-type': 'text/event-stream; charset=utf-8',
            'cache-control': 'no-store',
            'x-accel-buffering': 'no',
        });
        reply.hijack();
        if (request.method === 'HEAD' || !events.listen(pipeline, reply.raw)) {
            reply.raw.end();
        }
    });

    app.get('/dashboard/:pipeline/figures/*', async (request, reply) => {
        const pipeline = pipelineOf(context, request);
        const { words, suffix, given } = readTarget(request.url);
        const question = figureQuestion(context, pipeline, words.slice(3));
        const key = `${pipeline.name} figure ${question.name}`;
        return await answerRequest(
            context,
            { pipeline, question, key, inPath: new Map(), given, suffix },
            request,
            reply,
        );
    });

    assetRoutes(app, dashboardAssets());
}

/**
 * The question of `NAME` or `NAME/rows`, limited but unordered: the dashboard shows the first rows, however many there
 * are.
 * @throws HttpError NOT_FOUND
 */
function figureQuestion(context: ServeContext, pipeline: ServedPipeline, words: readonly string[]): Question {
    const [name = '', rows, ...rest] = words;
    const isKnown = figureNames(context.options.sqlFolder, pipeline.name).includes(name);
    if (!isKnown || rest.length > 0 || (rows !== undefined && rows !== 'rows')) {
        throw new HttpError('NOT_FOUND', 'there is no such figure');
    }
    const figure = readFigure(context.options.sqlFolder, pipeline.name, name);
    const question = rows === undefined ? figure : figure.rows;
    if (question === null) {
        throw new HttpError('NOT_FOUND', 'the figure has no question for its rows');
    }
    return { ...question, page: question.page ?? [] };
}

/** @throws HttpError NOT_FOUND */
function pipelineOf(context: ServeContext, request: FastifyRequest): ServedPipeline {
    const { pipeline: name = '' } = request.params as { readonly pipeline?: string };
    const pipeline = context.pipelines.get(name);
    if (pipeline === undefined) {
        throw new HttpError('NOT_FOUND', 'there is no such pipeline');
    }
    request.pipelineName = name;
    return pipeline;
}
