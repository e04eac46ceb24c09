import { connect, type Socket } from 'node:net';

/**
 * The load generator of `bench/serve.ts`, a process of its own: so many connections that are kept alive, each of which
 * sends the next request when it has the whole answer to the one before. It speaks just enough HTTP on bare sockets,
 * so that it takes less of the machine than what it measures.
 *
 * node bench/http-clients.ts PORT CLIENTS SECONDS fresh|etag PATH… writes one line of JSON. With `etag` the clients say
 * which answer they have already.
 */

interface Figures {
    readonly requests: number;
    /** With those of the warm-up. */
    readonly all: number;
    readonly seconds: number;
    readonly failed: number;
    readonly bytes: number;
    /** Milliseconds. */
    readonly p50: number;
    readonly p99: number;
    readonly max: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const WARM_UP_PART = 0.2;

const [port = '', clients = '', seconds = '', mode = '', ...paths] = process.argv.slice(2);
const requests: Buffer[] = [];
for (const path of paths) {
    requests.push(await requestFor(path));
}
process.stdout.write(`${JSON.stringify(await run(Number(port), Number(clients), Number(seconds), requests))}\n`);

async function requestFor(path: string): Promise<Buffer> {
    const head = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n`;
    const tag = mode === 'etag' ? (await fetch(`http://127.0.0.1:${port}${path}`)).headers.get('etag') : null;
    return Buffer.from(`${head}${tag === null ? '' : `If-None-Match: ${tag}\r\n`}\r\n`);
}

async function run(port: number, clients: number, seconds: number, requests: readonly Buffer[]): Promise<Figures> {
    const begin = performance.now() + seconds * 1_000 * WARM_UP_PART;
    const end = begin + seconds * 1_000;
    const milliseconds: number[] = [];
    let failed = 0;
    let bytes = 0;
    let next = 0;
    await Promise.all(
        Array.from({ length: clients }, async () => {
            const socket = connect(port, '127.0.0.1');
            socket.setNoDelay(true);
            await new Promise((resolve) => socket.once('connect', resolve));
            for (;;) {
                const started = performance.now();
                if (started > end) {
                    break;
                }
                const answer = await ask(socket, requests[next++ % requests.length] as Buffer);
                const now = performance.now();
                if (started >= begin) {
                    milliseconds.push(now - started);
                    bytes += answer.bytes;
                    failed += answer.status === (mode === 'etag' ? 304 : 200) ? 0 : 1;
                }
            }
            socket.destroy();
        }),
    );
    milliseconds.sort((left, right) => left - right);
    const at = (part: number): number => milliseconds[Math.floor(milliseconds.length * part)] ?? Number.NaN;
    return {
        requests: milliseconds.length,
        all: next,
        seconds,
        failed,
        bytes,
        p50: at(0.5),
        p99: at(0.99),
        max: milliseconds.at(-1) ?? Number.NaN,
    };
}

/** One request and its answer, whose length its head tells. */
function ask(socket: Socket, request: Buffer): Promise<{ readonly status: number; readonly bytes: number }> {
    return new Promise((resolve, reject) => {
        let received: Buffer = Buffer.alloc(0);
        let whole = -1;
        let status = 0;
        const onData = (chunk: Buffer): void => {
            received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
            const headEnd = whole < 0 ? received.indexOf(HEAD_END) : -1;
            if (headEnd >= 0) {
                const head = received.toString('latin1', 0, headEnd);
                status = Number(head.slice(9, 12));
                // An answer that says "not modified" has no body.
                whole = headEnd + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
            }
            if (whole >= 0 && received.length >= whole) {
                socket.off('data', onData);
                socket.off('close', onClose);
                resolve({ status, bytes: whole });
            }
        };
        const onClose = (): void => reject(new Error('the server closed a connection'));
        socket.on('data', onData);
        socket.on('close', onClose);
        socket.write(request);
    });
}
