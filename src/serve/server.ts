import { type AddressInfo, isIPv6 } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { EltError } from '../errors.ts';
import { checkToken } from './access-token.ts';
import { addCorsHeaders } from './cors.ts';
import { dashboardRoutes } from './dashboard-routes.ts';
import { docsRoutes } from './docs-routes.ts';
import { healthRoutes } from './health-routes.ts';
import { errorAnswer, HttpError } from './http-error.ts';
import { questionRoutes } from './question-routes.ts';
import { ReaderPool } from './reader-pool.ts';
import { RequestLog } from './request-log.ts';
import { type ServeContext, serveContext } from './serve-context.ts';
import { type ServeOptions, WAITING_MAX } from './serve-options.ts';
import { ServedPipeline } from './served-pipeline.ts';
import { ServedQuestions } from './served-questions.ts';

declare module 'fastify' {
    interface FastifyRequest {
        /** The route in logs and figures; an address would be a name for every value. */
        routeName: string;
        /** Whose database a request reads; empty: nobody's. */
        pipelineName: string;
    }
}

/** A server that listens. */
export interface RunningServer {
    /** `http://127.0.0.1:8080`. */
    readonly address: string;
    /** Takes no more requests, ends those that run, ends the readers. */
    readonly close: () => Promise<void>;
}

const HEADERS_BYTES_MAX = 16_384;
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 72_000;

/** @throws EltError ROUTE_CLASH, ADDRESS_TAKEN. */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
    const questions = new ServedQuestions(
        options.sqlFolder,
        options.pipelines.map(({ name }) => name),
    );
    questions.refuseClashes();
    const pool = new ReaderPool({ readers: options.readers, timeoutMs: options.timeoutMs, waitingMax: WAITING_MAX });
    const pipelines = new Map(options.pipelines.map(({ name, file }) => [name, new ServedPipeline(name, file)]));
    const log = new RequestLog(options.logsRequests);
    const context = serveContext({ options, pipelines, questions, pool });
    const app = makeApp(context, log);
    try {
        await app.listen({ host: options.host, port: options.port });
    } catch (error) {
        pool.close();
        throw listenError(error, options);
    }
    return {
        address: addressOf(app, options),
        close: async () => {
            await app.close();
            pool.close();
            for (const pipeline of pipelines.values()) {
                pipeline.close();
            }
            log.close();
        },
    };
}

function makeApp(context: ServeContext, log: RequestLog): FastifyInstance {
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
        },
        routerOptions: { maxParamLength: 8_000, ignoreTrailingSlash: false },
        clientErrorHandler: answerClientError,
        frameworkErrors: (error, request, reply) => sendError(error, request, reply as FastifyReply),
    });
    app.decorateRequest('routeName', '');
    app.decorateRequest('pipelineName', '');
    app.addHook('onRequest', (request, reply, done) => {
        reply.header('x-content-type-options', 'nosniff');
        addCorsHeaders(context.options.corsOrigins, request, reply);
        if (request.method === 'OPTIONS') {
            reply.code(204).header('allow', 'GET, HEAD, OPTIONS').send();
            return;
        }
        if (request.method !== 'GET' && request.method !== 'HEAD') {
            reply.header('allow', 'GET, HEAD, OPTIONS');
            done(new HttpError('METHOD_WRONG', `${request.method} is not answered here`));
            return;
        }
        done(checkToken(context.options.token, request, reply));
    });
    app.addHook('onResponse', (request, reply, done) => {
        log.write(request, reply);
        done();
    });
    app.setErrorHandler(sendError);
    app.setNotFoundHandler((request, reply) => {
        sendError(new HttpError('NOT_FOUND', 'there is no such route'), request, reply);
    });
    healthRoutes(app, context, log);
    docsRoutes(app, context);
    dashboardRoutes(app, context);
    questionRoutes(app, context);
    return app;
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const code = (error as { readonly code?: unknown } | null)?.code;
    const known =
        typeof code === 'string' && code.startsWith('FST_')
            ? new HttpError('REQUEST_WRONG', 'the request cannot be read', { found: code })
            : error;
    const { status, body } = errorAnswer(known, request.pipelineName === '' ? undefined : request.pipelineName);
    if (status === 503) {
        reply.header('retry-after', '1');
    }
    if (status === 500 && body.code === 'BUG') {
        process.stderr.write(`${JSON.stringify({ bug: error instanceof Error ? error.stack : String(error) })}\n`);
    }
    reply.removeHeader('etag').removeHeader('link');
    reply.code(status).header('content-type', 'application/json; charset=utf-8').header('cache-control', 'no-store');
    reply.send(`${JSON.stringify(body)}\n`);
}

/** What Node's parser refuses never becomes a request: it is answered on the bare connection. */
function answerClientError(error: NodeJS.ErrnoException, socket: import('node:net').Socket): void {
    const failure =
        error.code === 'HPE_HEADER_OVERFLOW'
            ? new HttpError('HEADERS_TOO_LARGE', `address and headers may have ${HEADERS_BYTES_MAX} bytes together`)
            : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
              ? new HttpError('REQUEST_TIMEOUT', 'the request did not come in time')
              : new HttpError('REQUEST_WRONG', 'this is no HTTP request');
    if (!socket.writable || error.code === 'ECONNRESET') {
        socket.destroy();
        return;
    }
    const body = `${JSON.stringify(failure.body)}\n`;
    const reason = { 400: 'Bad Request', 408: 'Request Timeout', 431: 'Request Header Fields Too Large' }[
        failure.status
    ];
    socket.end(
        `HTTP/1.1 ${failure.status} ${reason}\r\nContent-Type: application/json; charset=utf-8\r\n` +
            `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
        () => socket.destroy(),
    );
}

function addressOf(app: FastifyInstance, { host }: ServeOptions): string {
    const { port } = app.server.address() as AddressInfo;
    return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

function listenError(error: unknown, { host, port }: ServeOptions): unknown {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND'].includes(code)) {
        return error;
    }
    return new EltError({
        code: 'ADDRESS_TAKEN',
        message: `the server cannot listen on "${host}", port ${port}`,
        found: code === 'EADDRINUSE' ? 'another program listens there' : code,
        state: 'nothing is served',
        next: 'name another port with --port, or another address of this machine with --host',
        cause: error,
    });
}
