import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { HttpError } from './http-error.ts';

/** `example.com`, `192.0.2.1` or `[::1]`, then perhaps a port. Source: RFC 9110, section 7.2. */
const HOST = /^(\[[0-9a-f:.]+\]|[^\s:/?#@[\]]+)(?::\d*)?$/i;

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/** Whether only this machine reaches an address to listen on. */
export function isLoopback(host: string): boolean {
    const plain = host.replace(/^::ffff:/i, '');
    return host === '::1' || plain.toLowerCase() === 'localhost' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

/**
 * The hosts for which a server answers; null: for any. Without a token a page of any site could have its own name
 * resolved to this machine (DNS rebinding) and read everything through a visitor's browser, which says that name in
 * `Host`. With a token it has nothing to send.
 */
export function answeredHosts(
    host: string,
    token: string | null,
    allowed: readonly string[],
): ReadonlySet<string> | null {
    if (allowed.length === 0 && (token !== null || !isLoopback(host))) {
        return null;
    }
    return new Set([...LOOPBACK_NAMES, hostText(host), ...allowed].map((name) => name.toLowerCase()));
}

/** An address as `Host` and a URL write it. */
export function hostText(host: string): string {
    return isIP(host) === 6 ? `[${host}]` : host;
}

/** A host as it can be allowed: a name or an address, without a port. */
export function isHostName(text: string): boolean {
    return HOST.test(text) && !/:\d*$/.test(text.replace(/^\[.*\]/, ''));
}

/**
 * What RFC 9112, section 3.2, asks of `Host`: one field, and one that is a host; then whether the server answers for
 * it. Undefined: all is well.
 */
export function checkHost(hosts: ReadonlySet<string> | null, { raw }: FastifyRequest): HttpError | undefined {
    if (raw.httpVersionMajor < 1) {
        return new HttpError('REQUEST_WRONG', 'the request says no version of HTTP');
    }
    const given = raw.headers.host;
    if (given === undefined) {
        return raw.httpVersion === '1.0' && hosts === null
            ? undefined
            : new HttpError('REQUEST_WRONG', 'the request has no header "Host"');
    }
    let fields = 0;
    for (let index = 0; index < raw.rawHeaders.length; index += 2) {
        const name = raw.rawHeaders[index] as string;
        fields += name.length === 4 && name.toLowerCase() === 'host' ? 1 : 0;
    }
    if (fields > 1) {
        return new HttpError('REQUEST_WRONG', 'the request has several headers "Host"');
    }
    const name = HOST.exec(given)?.[1]?.toLowerCase();
    if (name === undefined) {
        return new HttpError('REQUEST_WRONG', 'the header "Host" holds no host');
    }
    if (hosts !== null && !hosts.has(name)) {
        return new HttpError('HOST_WRONG', 'the request names another host than this server answers for', {
            next: 'ask for 127.0.0.1 or localhost, or start the server with --allowed-host',
        });
    }
    return undefined;
}
