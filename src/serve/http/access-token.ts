import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpError } from './http-error.ts';

/** For supervisors: no token needed, since it reveals nothing about the data. */
const OPEN = new Set(['/health']);

/**
 * Refuses a request without the token: `Authorization: Bearer TOKEN`, or the password of `Basic`, for which a browser
 * prompts. Hashes are compared, so that the time reveals neither the token's length nor its beginning.
 */
export function checkToken(token: string | null, request: FastifyRequest, reply: FastifyReply): HttpError | undefined {
    if (token === null || OPEN.has(request.url) || isEqual(given(request.headers.authorization), token)) {
        return undefined;
    }
    reply.header('www-authenticate', 'Basic realm="elt", charset="UTF-8", Bearer realm="elt"');
    return new HttpError('TOKEN_WRONG', 'the token is missing or wrong', {
        next: 'send the header "Authorization: Bearer TOKEN"',
    });
}

function given(header: string | undefined): string {
    const [, scheme, text = ''] = /^(Bearer|Basic) +(\S+)$/i.exec(header ?? '') ?? [];
    if (scheme?.toLowerCase() !== 'basic') {
        return text;
    }
    const pair = Buffer.from(text, 'base64').toString('utf8');
    return pair.slice(pair.indexOf(':') + 1);
}

function isEqual(left: string, right: string): boolean {
    const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
    return timingSafeEqual(hash(left), hash(right));
}
