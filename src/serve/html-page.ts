import type { FastifyReply } from 'fastify';

/** Nothing but what this server serves: no inline script, no other host. */
const POLICY = [
    "default-src 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'self'",
    "form-action 'self'",
].join('; ');

/** Sends a page of ours under its strict policy. */
export function sendPage(reply: FastifyReply, html: string): FastifyReply {
    return reply
        .header('content-type', 'text/html; charset=utf-8')
        .header('content-security-policy', POLICY)
        .header('referrer-policy', 'no-referrer')
        .header('cache-control', 'no-cache')
        .send(html);
}

/** Text that is safe between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
    return text
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;')
        .replaceAll("'", '&#39;');
}
