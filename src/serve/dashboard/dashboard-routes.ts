import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ServeContext } from '../answers/serve-context.ts';
import { isNoneMatch } from '../http/entity-tag.ts';
import { sendPage } from '../http/html-page.ts';
import { HttpError } from '../http/http-error.ts';
import { readTarget } from '../http/request-target.ts';
import { dashboardJson, dashboardLines } from './dashboard-data.ts';
import { dashboardPage, indexPage, snapshotPage, titleOf } from './dashboard-pages.ts';
import { figureJson } from './figure-json.ts';
import { figureRoutes } from './figure-routes.ts';
import { withoutStale } from './filter-options.ts';
import { type PageRequest, pageRequest, refuseIgnored } from './page-request.ts';
import { PageTags } from './page-tags.ts';
import { pipelineOf } from './pipeline-of.ts';
import { overviewsOf } from './pipeline-overview.ts';
import { RunEvents } from './run-events.ts';
import { ServedDashboards } from './served-dashboards.ts';
import { snapshotBody } from './snapshot-page.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const LINES_TYPE = 'application/x-ndjson; charset=utf-8';

/**
 * The pages of the pipelines and what they load: `/`, `/dashboard/<pipeline>`, its `data`, its `events`, and each of
 * its figures as a question.
 */
export function dashboardRoutes(app: FastifyInstance, context: ServeContext): void {
    const dashboards = new ServedDashboards(context.options.sqlFolder);
    dataRoutes(app, context, dashboards);
    eventRoutes(app, context);

    app.get('/', async (request, reply) =>
        sendPage(request, reply, context.assets, indexPage(await overviewsOf(context))),
    );

    app.get('/dashboard/:pipeline', async (request, reply) => {
        const names = [...context.pipelines.keys()];
        const { name } = pipelineOf(context, request);
        const { search } = new URL(request.url, 'http://localhost');
        const page = dashboardPage(dashboards.of(name), names, context.assets, search);
        return sendPage(request, reply, context.assets, page);
    });

    // The same figures as tables, for paper and for browsers without JavaScript.
    app.get('/dashboard/:pipeline/snapshot', async (request, reply) => {
        const page = await withoutStale(context, requested(context, dashboards, request));
        const { text } = await dashboardJson(context, page);
        const { name } = page.pipeline;
        const body = snapshotBody(text.toString('utf8'), titleOf(name), new Date(), page.ignored);
        return sendPage(request, reply, context.assets, snapshotPage(name, body));
    });
    figureRoutes(app, context);
}

/** What a page reads: all figures, or one again. */
function dataRoutes(app: FastifyInstance, context: ServeContext, dashboards: ServedDashboards): void {
    const tags = new PageTags();

    app.get('/dashboard/:pipeline/data', async (request, reply) => {
        const asked = requested(context, dashboards, request);
        if (/application\/x-ndjson/.test(request.headers.accept ?? '')) {
            const page = await withoutStale(context, asked);
            if (isKnown(request, reply, tags.of(page, 'lines'))) {
                return reply.code(304).send();
            }
            reply.header('content-type', LINES_TYPE);
            return context.sendPieces(
                reply,
                dashboardLines(context, page, () => tags.spoil(page)),
            );
        }
        refuseIgnored(asked);
        return await sendJson(context, request, reply, tags.of(asked, 'json'), () => dashboardJson(context, asked));
    });

    app.get('/dashboard/:pipeline/figures/:name/data', async (request, reply) => {
        const page = requested(context, dashboards, request);
        const { name = '' } = request.params as { readonly name?: string };
        const entry = page.dashboard.figures.find((one) => one.name === name);
        if (entry === undefined) {
            throw new HttpError('NOT_FOUND', 'there is no such figure');
        }
        return await sendJson(context, request, reply, tags.of(page, `figure ${name}`), async () => {
            const { text, hasFailed } = await figureJson(context, page, entry);
            return { text: Buffer.concat([text, Buffer.from('\n')]), hasFailed };
        });
    });
}

function eventRoutes(app: FastifyInstance, context: ServeContext): void {
    const events = new RunEvents();
    // `onClose` would be too late: a server closes only after its connections.
    app.addHook('preClose', async () => events.close());

    app.get('/dashboard/:pipeline/events', (request, reply) => {
        const pipeline = pipelineOf(context, request);
        if (!events.hasRoom) {
            throw new HttpError('SERVER_BUSY', 'too many pages listen already', { next: 'retry later' });
        }
        reply.raw.writeHead(200, {
            ...(reply.getHeaders() as Record<string, string>),
            'content-type': 'text/event-stream; charset=utf-8',
            'cache-control': 'no-store',
            'x-accel-buffering': 'no',
        });
        reply.hijack();
        if (request.method === 'HEAD') {
            reply.raw.end();
        } else {
            events.listen(pipeline, reply.raw);
        }
    });
}

/** Sends JSON under a tag; an answer that failed for now has none. */
async function sendJson(
    context: ServeContext,
    request: FastifyRequest,
    reply: FastifyReply,
    tag: string | null,
    answer: () => Promise<{ readonly text: Buffer; readonly hasFailed: boolean }>,
): Promise<FastifyReply> {
    if (isKnown(request, reply, tag)) {
        return reply.code(304).send();
    }
    const { text, hasFailed } = await answer();
    if (hasFailed) {
        reply.removeHeader('etag');
    }
    reply.header('content-type', JSON_TYPE);
    return context.sendBody(reply, text);
}

function requested(context: ServeContext, dashboards: ServedDashboards, request: FastifyRequest): PageRequest {
    const pipeline = pipelineOf(context, request);
    return pageRequest(pipeline, dashboards.of(pipeline.name), readTarget(request.url).given);
}

/** Sets the headers of an answer with this tag, and tells whether the client has it already. */
function isKnown(request: FastifyRequest, reply: FastifyReply, tag: string | null): boolean {
    reply.header('cache-control', 'no-cache').header('vary', 'Accept, Origin, Authorization');
    if (tag === null) {
        return false;
    }
    reply.header('etag', tag);
    return isNoneMatch(request.headers['if-none-match'], tag);
}
