import type { Socket } from 'node:net';
import { HttpError, PROBLEM_TYPE, problemOf } from './http-error.ts';

/** Limit of a request's address and headers together. */
export const HEADERS_BYTES_MAX = 16_384;

/** A refused client may send for this long; resetting the connection would discard our answer. */
const DRAIN_MS = 500;

const refused = new WeakSet<Socket>();

/** Answers what Node's parser refuses: it never becomes a request, so the answer is written to the socket. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
    if (refused.has(socket)) {
        // What the client still sends is discarded, see below.
        return;
    }
    refused.add(socket);
    const failure =
        error.code === 'HPE_HEADER_OVERFLOW'
            ? new HttpError('HEADERS_TOO_LARGE', `address and headers may have ${HEADERS_BYTES_MAX} bytes together`)
            : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
              ? new HttpError('REQUEST_TIMEOUT', 'the request did not arrive in time')
              : new HttpError('REQUEST_WRONG', 'this is not an HTTP request');
    if (!socket.writable || error.code === 'ECONNRESET') {
        socket.destroy();
        return;
    }
    const body = `${JSON.stringify(problemOf(failure.status, failure.body))}\n`;
    const reason = { 400: 'Bad Request', 408: 'Request Timeout', 431: 'Request Header Fields Too Large' }[
        failure.status
    ];
    socket.end(
        `HTTP/1.1 ${failure.status} ${reason}\r\nContent-Type: ${PROBLEM_TYPE}\r\n` +
            `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
    socket.on('data', () => undefined);
    const drained = setTimeout(() => socket.destroy(), DRAIN_MS);
    socket.once('close', () => clearTimeout(drained));
}
