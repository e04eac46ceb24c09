import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
    type LabProject,
    labProject,
    memoryMb,
    memoryPartsMb,
    PATIENT,
    startServer,
    type TestServer,
} from '../support/server.ts';

/** Hostile requests: others are answered, memory stays low, nothing is written. */

const MEMORY_MB_MAX = 300;
/** As many as the limit of open files allows this process. */
const IDLE_CONNECTIONS = Math.min(10_000, openFilesMax() - 1_000);

const files = {
    'api/all.sql': `-- route: GET /all/{n}
-- param: n integer required
-- param: word text
-- param: day date
-- param: id uuid
-- param: code digits
-- page: n
select n, word from numbers where :n >= 0 and coalesce(:word, :day, :id, :code) is not null order by n;
`,
    'api/echo.sql': '-- route: GET /echo/{word}\n-- param: word text required\nselect :word as word;\n',
    'api/large.sql':
        '-- route: GET /large\nwith recursive c(n) as (select 1 union all select n + 1 from c where n < 80000) select n, hex(zeroblob(80)) as filler from c;\n',
    'api/tables.sql':
        "-- route: GET /tables\nselect name from sqlite_schema where type = 'table' and name not like 'elt%' order by name;\n",
};

const INJECTIONS = [
    "'; drop table numbers; --",
    '1; delete from numbers',
    '1 or 1=1',
    '" or ""="',
    "') union select sql, 1 from sqlite_schema --",
    ":n; attach database '/tmp/x.db' as x",
    "load_extension('x')",
    "' || readfile('/etc/passwd') || '",
    '%00',
    '../../../etc/passwd',
    '{{7*7}}',
    '<script>alert(1)</script>',
    '\u0000\u0001',
    '\u202e\ud83d\ude00',
    'x'.repeat(6_000),
];

let lab: LabProject;
let server: TestServer;
const fileHash = (): string => createHash('sha256').update(readFileSync(lab.db)).digest('hex');

beforeAll(async () => {
    lab = await labProject(files);
    server = await startServer(lab.words, ['--quiet']);
});
afterAll(async () => {
    expect(await server.stop()).toBe(0);
});

function openFilesMax(): number {
    const hard = /^Max open files +\S+ +(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return hard === 'unlimited' ? 1e6 : Number(hard);
}

/** Sends raw bytes; resolves with the answer until the server ended the connection. */
async function raw(bytes: string | Buffer): Promise<string> {
    const socket = await connected();
    let text = '';
    socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
    });
    socket.write(bytes);
    await once(socket, 'close');
    return text;
}

async function connected(): Promise<Socket> {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
}

describe('SQL in every parameter', () => {
    it.each(['n', 'word', 'day', 'id', 'code', 'limit', 'after', 'other'])('%s', async (name) => {
        const before = fileHash();
        for (const injection of INJECTIONS) {
            const value = encodeURIComponent(injection);
            const path = name === 'n' ? `/all/${value}` : `/all/1?${name}=${value}`;
            const answer = await server.get(path);
            expect([200, 400], `${name}=${injection}`).toContain(answer.status);
            expect(answer.status, `${name}=${injection}`).toBe(name === 'word' ? 200 : 400);
        }
        expect((await server.get('/tables')).text).toBe('[{"name":"numbers"}]\n');
        expect(fileHash()).toBe(before);
    });

    it('is returned as text', async () => {
        for (const injection of INJECTIONS.filter((one) => !one.includes('%'))) {
            const answer = await server.get(`/echo/${encodeURIComponent(injection)}`);
            expect(answer.json()).toEqual([{ word: injection }]);
        }
    });

    it('in a name or a route is unknown', async () => {
        for (const injection of INJECTIONS) {
            const word = encodeURIComponent(injection);
            expect((await server.get(`/${word}`)).status).toBe(404);
            expect((await server.get(`/all/1?${word}=1`)).status).toBe(400);
            expect([404, 400]).toContain((await server.get(`/dashboard/${word}`)).status);
            expect((await server.get(`/assets/${word}`)).status).toBe(404);
        }
        for (const path of [
            '/assets/../server.js',
            '/assets/..%2f..%2fpackage.json',
            '/assets/%2e%2e/%2e%2e/package.json',
        ]) {
            expect(await raw(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).toContain(
                ' 404 ',
            );
        }
    });
});

describe('what is not a request', () => {
    const megabyte = 'x'.repeat(1_000_000);
    it.each([
        ['a path of 1 MB', `GET /echo/${megabyte} HTTP/1.1\r\nHost: localhost\r\n\r\n`, ' 431 '],
        ['a header of 1 MB', `GET /echo/a HTTP/1.1\r\nHost: localhost\r\nX-Large: ${megabyte}\r\n\r\n`, ' 431 '],
        ['100,000 headers', `GET / HTTP/1.1\r\nHost: localhost\r\n${'a: b\r\n'.repeat(100_000)}\r\n`, ' 431 '],
        ['no HTTP', 'hello?\r\n\r\n', ' 400 '],
        ['bytes', Buffer.from([0, 255, 1, 254, 13, 10, 13, 10]), ' 400 '],
        ['a TLS greeting', Buffer.from('16030100c8010000c403', 'hex'), ' 400 '],
        ['two lengths', 'GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', ' 400 '],
        [
            'a length and chunks',
            'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
            ' 400 ',
        ],
        ['another version', 'GET / HTTP/9.9\r\nHost: localhost\r\n\r\n', ' 400 '],
        ['no host', 'GET /echo/a HTTP/1.1\r\n\r\n', ' 400 '],
    ])('%s', async (_, bytes, status) => {
        expect((await raw(bytes)).split('\r\n')[0]).toContain(status);
        expect((await server.get('/echo/a')).status).toBe(200);
    });

    it('a body of a gigabyte is not waited for', async () => {
        const answer = await raw(
            'POST /echo/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\nConnection: close\r\n\r\n',
        );
        expect(answer).toContain(' 405 ');
    });
});

describe('slow clients', () => {
    // Each of them gets its own server, so that its memory is what they use.
    let shared: TestServer;
    beforeEach(async () => {
        shared = server;
        server = await startServer(lab.words, ['--quiet']);
    });
    afterEach(async () => {
        expect(await server.stop()).toBe(0);
        server = shared;
    });

    it(`${IDLE_CONNECTIONS} idle connections`, async () => {
        const sockets: Socket[] = [];
        try {
            while (sockets.length < IDLE_CONNECTIONS) {
                sockets.push(...(await Promise.all(Array.from({ length: 250 }, connected))));
            }
            expect((await server.get('/echo/a')).status).toBe(200);
            expect((await server.get('/health')).status).toBe(200);
            expect(
                memoryMb(server.child.pid as number),
                memoryPartsMb(server.child.pid as number).join(' + '),
            ).toBeLessThan(MEMORY_MB_MAX);
        } finally {
            for (const socket of sockets) {
                socket.destroy();
            }
        }
    });

    it('answers that are not received: they wait up to a limit, and others get an error that says when to retry', async () => {
        const slow: Socket[] = [];
        try {
            for (let count = 0; count < 30; count++) {
                const socket = await connected();
                socket.pause();
                socket.write('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n');
                slow.push(socket);
            }
            const statuses: number[] = [];
            await expect
                .poll(
                    async () => {
                        const answer = await fetch(`${server.address}/large`);
                        await answer.body?.cancel();
                        statuses.push(answer.status);
                        return answer.status;
                    },
                    { timeout: 20_000 },
                )
                .toBe(503);
            expect((await server.get('/echo/a')).status).toBe(200);
            expect(
                memoryMb(server.child.pid as number),
                memoryPartsMb(server.child.pid as number).join(' + '),
            ).toBeLessThan(MEMORY_MB_MAX);
            expect((await server.get('/metrics')).text).toMatch(/^elt_bodies_waiting_bytes [12]\d{7}$/m);
        } finally {
            for (const socket of slow) {
                socket.destroy();
            }
        }
        await expect.poll(async () => (await server.get('/large')).status, PATIENT).toBe(200);
        await expect
            .poll(async () => (await server.get('/metrics')).text, PATIENT)
            .toContain('elt_bodies_waiting_bytes 0\n');
    });

    it('a client that reads a byte at a time gets the whole answer, and does not block others', async () => {
        const socket = await connected();
        socket.pause();
        socket.write('GET /echo/slowly HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
        let text = '';
        for (let turn = 0; !text.endsWith(']\n'); turn++) {
            const byte = socket.read(1) as Buffer | null;
            if (byte === null) {
                await new Promise((resolve) => setTimeout(resolve, 5));
            } else {
                text += byte.toString();
            }
            if (turn % 50 === 0) {
                expect((await server.get('/echo/a')).status).toBe(200);
            }
        }
        expect(text).toContain('[{"word":"slowly"}]\n');
    });

    it('a request that arrives a byte at a time', async () => {
        const socket = await connected();
        let text = '';
        socket.on('data', (chunk: Buffer) => {
            text += chunk.toString();
        });
        for (const character of 'GET /echo/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n') {
            socket.write(character);
            await new Promise((resolve) => setTimeout(resolve, 1));
        }
        await once(socket, 'close');
        expect(text).toContain('[{"word":"a"}]\n');
    });
});
