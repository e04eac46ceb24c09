import type { FastifyInstance } from 'fastify';
import { EltError } from '../../core/errors.ts';
import { databaseSentence } from '../http/http-error.ts';
import type { RequestLog } from '../http/request-log.ts';
import { lagJson } from './lag-json.ts';
import { metricsText } from './metrics-text.ts';
import type { ServeContext } from './serve-context.ts';

/** `/health` for supervisors, `/metrics` for Prometheus. */
export function healthRoutes(app: FastifyInstance, context: ServeContext, log: RequestLog): void {
    app.get('/health', async (_, reply) => {
        const pipelines = [...context.pipelines.values()].map((pipeline) => {
            try {
                pipeline.check();
                const known = { name: pipeline.name, status: 'ok', last_run: pipeline.lastRun() };
                const lag = pipeline.sourceLag();
                return lag === null ? known : { ...known, source: lagJson(lag) };
            } catch (error) {
                const code = error instanceof EltError ? error.code : 'DATABASE_IO';
                return { name: pipeline.name, status: 'error', code, error: databaseSentence(code, pipeline.name) };
            }
        });
        const isWell = pipelines.every(({ status }) => status === 'ok');
        reply.code(isWell ? 200 : 503).header('cache-control', 'no-store');
        return { status: isWell ? 'ok' : 'error', pipelines };
    });

    app.get('/metrics', async (_, reply) => {
        reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8').header('cache-control', 'no-store');
        return metricsText(context, log);
    });
}
