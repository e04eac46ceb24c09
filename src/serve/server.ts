import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { EltError } from '../core/errors.ts';
import { healthRoutes } from './answers/health-routes.ts';
import { questionRoutes } from './answers/question-routes.ts';
import type { ServeContext } from './answers/serve-context.ts';
import type { ServeOptions } from './answers/serve-options.ts';
import { contextOf } from './context-of.ts';
import { dashboardRoutes } from './dashboard/dashboard-routes.ts';
import { isLostReader, sendLostPage } from './dashboard/lost-page.ts';
import { docsRoutes } from './docs/docs-routes.ts';
import { modelsRoutes } from './docs/models-routes.ts';
import { checkToken } from './http/access-token.ts';
import { answerClientError, HEADERS_BYTES_MAX } from './http/client-error.ts';
import { compressAnswers } from './http/compress-answers.ts';
import { addCorsHeaders } from './http/cors.ts';
import { DatabaseLog } from './http/database-log.ts';
import { errorAnswer, HttpError, PROBLEM_TYPE, problemOf } from './http/http-error.ts';
import { assetRoutes } from './http/page-assets.ts';
import { answeredHosts, checkHost, hostText } from './http/request-host.ts';
import { RequestLog } from './http/request-log.ts';

declare module 'fastify' {
    interface FastifyRequest {
        /** The route in logs and metrics; an address would be another name for every value. */
        routeName: string;
        /** The pipeline whose database the request reads; empty: none. */
        pipelineName: string;
        /** The code of the error that was sent; empty: none. */
        errorCode: string;
        /** What had gone over its connection when the request began, in bytes. */
        bytesBefore: number;
    }
}

/** A listening server. */
interface RunningServer {
    /** `http://127.0.0.1:8080`. */
    readonly address: string;
    /** Accepts no more requests, finishes the running ones, and ends the readers. */
    readonly close: () => Promise<void>;
}

const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 72_000;
/** When closing: the time after a query's limit in which its answer can still be received. */
const CLOSE_MS = 2_000;

/** @throws EltError ROUTE_CLASH, ADDRESS_TAKEN. */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
    const { context, close } = contextOf(options);
    const log = new RequestLog(options.logsRequests);
    const app = await makeApp(context, log);
    const inFlight = countInFlight(app);
    try {
        await app.listen({ host: options.host, port: options.port });
    } catch (error) {
        close();
        throw listenError(error, options);
    }
    return {
        address: addressOf(app, options),
        close: async () => {
            const closed = app.close();
            // Do not wait for connections without a request, or for slow clients.
            const giveUp = setTimeout(() => app.server.closeAllConnections(), options.timeoutMs + CLOSE_MS);
            inFlight.whenNone(() => app.server.closeAllConnections());
            await closed;
            clearTimeout(giveUp);
            close();
            log.close();
        },
    };
}

async function makeApp(context: ServeContext, log: RequestLog): Promise<FastifyInstance> {
    const app = fastify({
        logger: false,
        bodyLimit: 1_024,
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        forceCloseConnections: 'idle',
        http: {
            maxHeaderSize: HEADERS_BYTES_MAX,
            headersTimeout: HEADERS_TIMEOUT_MS,
            connectionsCheckingInterval: 5_000,
            // A request without one is refused by `checkHost`, in words of ours.
            requireHostHeader: false,
        },
        routerOptions: { maxParamLength: 8_000, ignoreTrailingSlash: false },
        clientErrorHandler: answerClientError,
        frameworkErrors: (error, request, reply) => sendError(error, request, reply as FastifyReply),
    });
    app.decorateRequest('routeName', '');
    app.decorateRequest('pipelineName', '');
    app.decorateRequest('errorCode', '');
    app.decorateRequest('bytesBefore', 0);
    const { host, token, allowedHosts } = context.options;
    const hosts = answeredHosts(host, token, allowedHosts);
    app.addHook('onRequest', (request, reply, done) => {
        reply.header('x-content-type-options', 'nosniff');
        request.bytesBefore = request.raw.socket.bytesWritten;
        const wrongHost = checkHost(hosts, request);
        if (wrongHost !== undefined) {
            // Where a request is ambiguous, so is where the next one of the connection begins.
            reply.header('connection', 'close');
            done(wrongHost);
            return;
        }
        addCorsHeaders(context.options.corsOrigins, request, reply);
        if (request.method === 'OPTIONS') {
            reply.code(204).header('allow', 'GET, HEAD, OPTIONS').send();
            return;
        }
        if (request.method !== 'GET' && request.method !== 'HEAD') {
            reply.header('allow', 'GET, HEAD, OPTIONS');
            done(new HttpError('METHOD_WRONG', `${request.method} is not allowed`));
            return;
        }
        done(checkToken(token, request, reply));
    });
    app.addHook('onResponse', (request, reply, done) => {
        log.write(request, reply);
        done();
    });
    app.setErrorHandler((error, request, reply) =>
        isLostReader(error, request) ? sendLostPage(context, error, request, reply) : sendError(error, request, reply),
    );
    app.setNotFoundHandler((request, reply) => {
        sendError(new HttpError('NOT_FOUND', 'there is no such route'), request, reply);
    });
    await compressAnswers(app);
    healthRoutes(app, context, log);
    docsRoutes(app, context);
    modelsRoutes(app, context);
    dashboardRoutes(app, context);
    assetRoutes(app, context.assets);
    questionRoutes(app, context);
    return app;
}

const databaseLog = new DatabaseLog();

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const code = (error as { readonly code?: unknown } | null)?.code;
    const known =
        typeof code === 'string' && code.startsWith('FST_')
            ? new HttpError('REQUEST_WRONG', 'the request cannot be read')
            : error;
    const { status, body } = errorAnswer(known, request.pipelineName === '' ? undefined : request.pipelineName);
    request.errorCode = body.code;
    if (status === 503) {
        reply.header('retry-after', '1');
    }
    if (error instanceof EltError && body.code.startsWith('DATABASE_')) {
        databaseLog.write(error);
    }
    if (status === 500 && body.code === 'BUG') {
        process.stderr.write(`${JSON.stringify({ bug: error instanceof Error ? error.stack : String(error) })}\n`);
    }
    reply.removeHeader('etag').removeHeader('link');
    reply.code(status).header('content-type', PROBLEM_TYPE).header('cache-control', 'no-store');
    reply.send(`${JSON.stringify(problemOf(status, body))}\n`);
}

/** Counts the requests that are being answered, and calls back when there are none. */
function countInFlight(app: FastifyInstance): { readonly whenNone: (then: () => void) => void } {
    let count = 0;
    let whenNone: (() => void) | null = null;
    const look = (): void => {
        if (count === 0) {
            whenNone?.();
        }
    };
    app.server.on('request', (_, response) => {
        count++;
        response.once('close', () => {
            count--;
            look();
        });
    });
    return {
        whenNone: (then) => {
            whenNone = then;
            look();
        },
    };
}

function addressOf(app: FastifyInstance, { host }: ServeOptions): string {
    const { port } = app.server.address() as AddressInfo;
    return `http://${hostText(host)}:${port}`;
}

function listenError(error: unknown, { host, port }: ServeOptions): unknown {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND'].includes(code)) {
        return error;
    }
    return new EltError({
        code: 'ADDRESS_TAKEN',
        message: `the server cannot listen on "${host}", port ${port}`,
        found: code === 'EADDRINUSE' ? 'another program is listening on it' : code,
        state: 'nothing is served',
        next: 'name another port with --port, or another address of this machine with --host',
        cause: error,
    });
}
