import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** Smaller answers gain nothing. */
const COMPRESSED_BYTES_MIN = 1_024;

/** A compromise for answers that are made anew: better ones take more time than a fast network. */
const BROTLI_QUALITY = 4;
const GZIP_LEVEL = 5;

/**
 * Compresses the answers of all routes that are added afterwards. Answers that are sent as they come leave piece by
 * piece: each is flushed.
 */
export async function compressAnswers(app: FastifyInstance): Promise<void> {
    await app.register(compress, {
        threshold: COMPRESSED_BYTES_MIN,
        encodings: ['br', 'gzip'],
        customTypes: /^text\/(?!event-stream)|[/+-](?:json|ndjson)(?:;|$)/,
        brotliOptions: {
            flush: constants.BROTLI_OPERATION_FLUSH,
            params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY },
        },
        zlibOptions: { flush: constants.Z_SYNC_FLUSH, level: GZIP_LEVEL },
    });
    // After that of the plugin, which works for each route too.
    app.addHook('onRoute', (route) => {
        if (route.compress !== false) {
            route.onSend = [route.onSend ?? []].flat().concat(weakenTag);
        }
    });
}

/** What one strong tag stands for has the same bytes; compressed, it only means the same. Source: RFC 9110, 8.8.1. */
async function weakenTag(_: unknown, reply: FastifyReply, payload: unknown): Promise<unknown> {
    const tag = reply.getHeader('etag');
    if (reply.getHeader('content-encoding') !== undefined && typeof tag === 'string' && tag.startsWith('"')) {
        reply.header('etag', `W/${tag}`);
    }
    return payload;
}
