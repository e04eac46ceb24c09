import type { FastifyReply, FastifyRequest } from 'fastify';

/** Allows pages of the given origins to read the answers; otherwise browsers allow only the server's own pages. */
export function addCorsHeaders(origins: readonly string[], request: FastifyRequest, reply: FastifyReply): void {
    const { origin } = request.headers;
    if (origin === undefined || !(origins.includes(origin) || origins.includes('*'))) {
        return;
    }
    reply
        .header('access-control-allow-origin', origins.includes('*') ? '*' : origin)
        .header('access-control-expose-headers', 'ETag, Link, Retry-After')
        .header('vary', 'Origin');
    if (request.method === 'OPTIONS') {
        reply
            .header('access-control-allow-methods', 'GET, HEAD')
            .header('access-control-allow-headers', 'Authorization, If-None-Match')
            .header('access-control-max-age', '600');
    }
}
