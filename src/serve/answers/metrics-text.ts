import { type RequestLog, SECONDS_BOUNDS } from '../http/request-log.ts';
import { escaped, head } from './metric-lines.ts';
import type { ServeContext } from './serve-context.ts';
import { sourceLines } from './source-metrics.ts';

/** The server's metrics. Source: https://prometheus.io/docs/instrumenting/exposition_formats/ (text format 0.0.4). */
export function metricsText({ pool, budget, shared, pipelines }: ServeContext, log: RequestLog): string {
    const { readers, running, waiting, killed, lost, refused } = pool.figures();
    const { asked, shared: kept, bytes } = shared.figures();
    return [
        ...requestLines(log),
        ...one('elt_readers', 'gauge', 'Reader processes.', readers),
        ...one('elt_readers_running', 'gauge', 'Reader processes that are running a query.', running),
        ...one('elt_queries_waiting', 'gauge', 'Queries waiting for a reader.', waiting),
        ...one('elt_readers_killed_total', 'counter', 'Readers killed at the time limit.', killed),
        ...one('elt_readers_lost_total', 'counter', 'Readers that ended unexpectedly.', lost),
        ...one('elt_queries_refused_total', 'counter', 'Queries for which no reader was free in time.', refused),
        ...one('elt_figures_asked_total', 'counter', 'Queries of dashboards that were run.', asked),
        ...one('elt_figures_shared_total', 'counter', 'Queries of dashboards whose answer was there.', kept),
        ...one('elt_figures_kept_bytes', 'gauge', 'Bytes of answers kept for the next viewers.', bytes),
        ...one(
            'elt_bodies_waiting_bytes',
            'gauge',
            'Bytes of answers that clients have not received yet.',
            budget.waiting,
        ),
        ...pushLines(pipelines),
        ...one(
            'process_resident_memory_bytes',
            'gauge',
            'Resident memory of the server without its readers.',
            process.memoryUsage.rss(),
        ),
        ...one(
            'process_uptime_seconds',
            'gauge',
            'Seconds since the server was started.',
            Math.round(process.uptime()),
        ),
        ...sourceLines([...pipelines.values()]),
        '',
    ].join('\n');
}

function requestLines({ figures }: RequestLog): readonly string[] {
    const all = [...figures.values()];
    const labels = (route: string, status: number): string => `route="${escaped(route)}",status="${status}"`;
    return [
        ...head('elt_http_request_seconds', 'histogram', 'Time from the request to the end of its answer.'),
        ...all.flatMap(({ route, status, requests, seconds, withinBounds }) => [
            ...SECONDS_BOUNDS.map(
                (bound, index) =>
                    `elt_http_request_seconds_bucket{${labels(route, status)},le="${bound}"} ${withinBounds[index]}`,
            ),
            `elt_http_request_seconds_bucket{${labels(route, status)},le="+Inf"} ${requests}`,
            `elt_http_request_seconds_sum{${labels(route, status)}} ${seconds}`,
            `elt_http_request_seconds_count{${labels(route, status)}} ${requests}`,
        ]),
        ...head('elt_http_response_bytes_total', 'counter', 'Bytes of answers.'),
        ...all.map(({ route, status, bytes }) => `elt_http_response_bytes_total{${labels(route, status)}} ${bytes}`),
    ];
}

/** Of the targets to which marts are pushed; nothing where there is none. */
function pushLines(pipelines: ServeContext['pipelines']): readonly string[] {
    const all = [...pipelines.values()].flatMap((pipeline) =>
        pipeline.pushes().map((figures) => ({ ...figures, pipeline: pipeline.name })),
    );
    const gauge = (name: string, help: string, value: (figures: (typeof all)[number]) => number | null): string[] => {
        const lines = all.flatMap((figures) => {
            const { pipeline, mart, target } = figures;
            const found = value(figures);
            const labels = `pipeline="${escaped(pipeline)}",mart="${escaped(mart)}",target="${escaped(target)}"`;
            return found === null ? [] : [`${name}{${labels}} ${found}`];
        });
        return lines.length === 0 ? [] : [...head(name, 'gauge', help), ...lines];
    };
    return [
        ...gauge('elt_push_behind', 'Touched rows that a target has not taken in.', ({ behind }) => behind),
        ...gauge('elt_push_rejects', 'Documents that a target has refused.', ({ rejects }) => rejects),
        ...gauge('elt_push_failures', 'Pushes that failed in a row.', ({ failures }) => failures),
        ...gauge('elt_push_last_success_timestamp_seconds', 'When a target last took a push in.', ({ pushedAt }) =>
            pushedAt === null ? null : Math.round(Date.parse(pushedAt) / 1_000),
        ),
    ];
}

function one(name: string, type: string, help: string, value: number): readonly string[] {
    return [...head(name, type, help), `${name} ${value}`];
}
