import type { Socket } from 'node:net';
import { HttpError } from './http-error.ts';

/** Address and headers of a request together. */
export const HEADERS_BYTES_MAX = 16_384;

/** Who is refused may go on sending for so long: a connection that is reset would take the answer with it. */
const DRAIN_MS = 500;

const refused = new WeakSet<Socket>();

/** What Node's parser refuses never becomes a request: it is answered on the bare connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
    if (refused.has(socket)) {
        // What it still sends is dropped, see below.
        return;
    }
    refused.add(socket);
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
    );
    socket.on('data', () => undefined);
    const drained = setTimeout(() => socket.destroy(), DRAIN_MS);
    socket.once('close', () => clearTimeout(drained));
}
