import type { FastifyInstance, FastifyRequest } from 'fastify';
import { readFigures } from '../query/figure.ts';
import { answerRequest } from './answer-request.ts';
import { type Asset, assetRoutes } from './assets.ts';
import { dashboardData } from './dashboard-data.ts';
import { dashboardPage, indexPage } from './dashboard-pages.ts';
import { sendPage } from './html-page.ts';
import { HttpError } from './http-error.ts';
import { readTarget } from './request-target.ts';
import { RunEvents } from './run-events.ts';
import type { ServeContext } from './serve-context.ts';
import type { ServedPipeline } from './served-pipeline.ts';

/** Files that the pages of dashboards load, by their name below `/assets/`. */
const DASHBOARD_ASSETS: ReadonlyMap<string, Asset> = new Map();

/**
 * The pages of the pipelines and what they load: `/`, `/dashboard/<pipeline>`, its `data`, its `events`, and each of
 * its figures as a question.
 */
export function dashboardRoutes(app: FastifyInstance, context: ServeContext): void {
    const events = new RunEvents();
    // `onClose` would come too late: a server is closed only when its connections are.
    app.addHook('preClose', async () => events.close());

    app.get('/', async (_, reply) => sendPage(reply, indexPage([...context.pipelines.keys()])));

    app.get('/dashboard/:pipeline', async (request, reply) => {
        return sendPage(reply, dashboardPage(pipelineOf(context, request).name));
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
        if (!events.listen(pipeline, reply.raw)) {
            reply.raw.end();
        }
    });

    app.get('/dashboard/:pipeline/figures/*', async (request, reply) => {
        const pipeline = pipelineOf(context, request);
        const { words, suffix, given } = readTarget(request.url);
        const [, , , name, ...rest] = words;
        const figure = readFigures(context.options.sqlFolder, pipeline.name).find((one) => one.name === name);
        if (figure === undefined || rest.length > 0) {
            throw new HttpError('NOT_FOUND', 'there is no such figure');
        }
        if ('error' in figure) {
            throw figure.error;
        }
        const key = `${pipeline.name} figure ${figure.name}`;
        return await answerRequest(
            context,
            { pipeline, question: figure, key, inPath: new Map(), given, suffix },
            request,
            reply,
        );
    });

    assetRoutes(app, DASHBOARD_ASSETS);
}

/** @throws HttpError NOT_FOUND */
function pipelineOf(context: ServeContext, request: FastifyRequest): ServedPipeline {
    const { pipeline: name = '' } = request.params as { readonly pipeline?: string };
    const pipeline = context.pipelines.get(name);
    if (pipeline === undefined) {
        throw new HttpError('NOT_FOUND', 'there is no such pipeline here');
    }
    request.pipelineName = name;
    return pipeline;
}
