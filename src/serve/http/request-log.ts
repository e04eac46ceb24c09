import { writeSync } from 'node:fs';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Metrics of the requests with one route and status. */
interface RouteFigures {
    readonly route: string;
    readonly status: number;
    requests: number;
    bytes: number;
    seconds: number;
    /** For each bound of `SECONDS_BOUNDS`: the number of requests that took at most so many seconds. */
    readonly withinBounds: number[];
}

export const SECONDS_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

const FLUSH_MS = 100;
const LINES_MAX = 1_000;

/** Counts requests, and writes a line of JSON for each to standard error, several at a time. */
export class RequestLog {
    readonly figures = new Map<string, RouteFigures>();
    readonly #isWritten: boolean;
    #lines: string[] = [];
    #timer: NodeJS.Timeout | null = null;

    constructor(isWritten: boolean) {
        this.#isWritten = isWritten;
    }

    write(request: FastifyRequest, reply: FastifyReply): void {
        const route = request.routeName === '' ? (request.routeOptions.url ?? 'none') : request.routeName;
        const ms = reply.elapsedTime;
        const bytes = bytesOf(request, reply);
        this.#count(route, reply.statusCode, ms / 1_000, bytes);
        if (!this.#isWritten) {
            return;
        }
        this.#lines.push(
            `${JSON.stringify({
                time: new Date().toISOString(),
                method: request.method,
                route,
                status: reply.statusCode,
                ms: Math.round(ms * 1_000) / 1_000,
                bytes,
                from: request.ip,
                ...(request.errorCode === '' ? {} : { error: request.errorCode }),
            })}\n`,
        );
        if (this.#lines.length >= LINES_MAX) {
            this.#flush();
        } else {
            this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
        }
    }

    close(): void {
        this.#flush();
    }

    #flush(): void {
        clearTimeout(this.#timer ?? undefined);
        this.#timer = null;
        const text = this.#lines.join('');
        this.#lines = [];
        try {
            writeSync(2, text);
        } catch {
            // The reader of the log is slow or gone: answering requests matters more than logging them.
        }
    }

    #count(route: string, status: number, seconds: number, bytes: number): void {
        const key = `${status} ${route}`;
        let figures = this.figures.get(key);
        if (figures === undefined) {
            figures = { route, status, requests: 0, bytes: 0, seconds: 0, withinBounds: SECONDS_BOUNDS.map(() => 0) };
            this.figures.set(key, figures);
        }
        figures.requests++;
        figures.bytes += bytes;
        figures.seconds += seconds;
        for (let index = SECONDS_BOUNDS.length - 1; index >= 0 && seconds <= (SECONDS_BOUNDS[index] ?? 0); index--) {
            figures.withinBounds[index] = (figures.withinBounds[index] ?? 0) + 1;
        }
    }
}

/**
 * The bytes of an answer. One that was compressed or sent as it came does not say how many it has: what went over its
 * connection since the request began is counted, headers included.
 */
function bytesOf(request: FastifyRequest, reply: FastifyReply): number {
    const told = reply.getHeader('content-length');
    return told === undefined ? Math.max(0, request.raw.socket.bytesWritten - request.bytesBefore) : Number(told);
}
