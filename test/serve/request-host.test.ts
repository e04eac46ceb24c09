import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isHostName, isLoopback } from '../../src/serve/http/request-host.ts';
import { labProject, startServer, type TestServer } from '../support/server.ts';

/** The hosts for which a server answers, and HTTP's rules for the header. */

const TOKEN = 'f2c1b8a09d3e47f6';

let words: readonly string[];
beforeAll(async () => {
    ({ words } = await labProject({ 'api/one.sql': '-- route: GET /one\nselect 1 as one;\n' }));
});

/** The server's answer to raw bytes. */
async function raw(server: TestServer, bytes: string): Promise<{ status: number; head: string; body: string }> {
    const socket = connect(server.port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
    });
    socket.write(bytes);
    await once(socket, 'close');
    const [head = '', body = ''] = text.split('\r\n\r\n');
    return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), head, body };
}

const asking = (host: string, path = '/one', more = ''): string =>
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}Connection: close\r\n\r\n`;

describe('without a token, on this machine only', () => {
    let server: TestServer;
    beforeAll(async () => {
        server = await startServer(words, ['--quiet', '--allowed-host', 'data.example.com', 'Other.Example']);
    });
    afterAll(() => server.stop());

    it.each([
        ['127.0.0.1', 200],
        ['127.0.0.1:8080', 200],
        ['localhost', 200],
        ['LOCALHOST:1', 200],
        ['[::1]:80', 200],
        ['data.example.com', 200],
        ['data.example.com:443', 200],
        ['other.example', 200],
        ['evil.example', 421],
        ['evil.example:8080', 421],
        ['localhost.evil.example', 421],
        ['127.0.0.1.evil.example', 421],
        ['data.example.com.evil', 421],
        ['localhost.', 421],
        ['192.0.2.7', 421],
        ['[::2]', 421],
    ])('%s: %i', async (host, status) => {
        for (const path of ['/one', '/health', '/dashboard/lab/data', '/assets/page.css', '/nothing', '/']) {
            const answer = await raw(server, asking(host, path));
            expect(answer.status === 421, path).toBe(status === 421);
            if (status === 421) {
                expect(JSON.parse(answer.body)).toMatchObject({ code: 'HOST_WRONG', status: 421 });
            }
        }
        expect((await raw(server, asking(host))).status).toBe(status);
    });

    it('a refusal reveals nothing, not even to a page of an allowed origin', async () => {
        const answer = await raw(server, asking('evil.example', '/one', 'Origin: http://evil.example\r\n'));
        expect(answer.head).not.toMatch(/access-control/i);
        expect(answer.body).not.toContain('data.example.com');
    });
});

describe('with a token', () => {
    it.each([
        [[], 'any.example', 200],
        [['--allowed-host', 'data.example.com'], 'data.example.com', 200],
        [['--allowed-host', 'data.example.com'], 'any.example', 421],
    ])('%j: %s is %i', async (options, host, status) => {
        const server = await startServer(words, ['--quiet', '--token', TOKEN, ...options]);
        try {
            expect((await raw(server, asking(host, '/one', `Authorization: Bearer ${TOKEN}\r\n`))).status).toBe(status);
        } finally {
            await server.stop();
        }
    });
});

describe('the header', () => {
    let server: TestServer;
    beforeAll(async () => {
        server = await startServer(words, ['--quiet']);
    });
    afterAll(() => server.stop());

    it.each([
        ['is missing', 'GET /one HTTP/1.1\r\nConnection: close\r\n\r\n'],
        ['is missing, in HTTP/1.0', 'GET /one HTTP/1.0\r\n\r\n'],
        ['is there twice', 'GET /one HTTP/1.1\r\nHost: localhost\r\nhost: evil.example\r\nConnection: close\r\n\r\n'],
        [
            'is there twice, the same',
            'GET /one HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nConnection: close\r\n\r\n',
        ],
        ['is empty', asking('')],
        ['is a path', asking('localhost/one')],
        ['has a user', asking('me@localhost')],
        ['has blanks', asking('localhost evil.example')],
        ['has a port that is none', asking('localhost:http')],
        ['cannot be: the request has no version', 'GET /one\r\n\r\n'],
    ])('%s: 400, in the usual form', async (_, bytes) => {
        const { status, head, body } = await raw(server, bytes);
        expect(status).toBe(400);
        expect(head).toMatch(/content-type: application\/problem\+json/i);
        expect(JSON.parse(body)).toMatchObject({ code: 'REQUEST_WRONG', status: 400, title: expect.any(String) });
    });
});

describe('names', () => {
    it.each([
        ['127.0.0.1', true],
        ['127.1.2.3', true],
        ['::1', true],
        ['::ffff:127.0.0.1', true],
        ['localhost', true],
        ['Localhost', true],
        ['0.0.0.0', false],
        ['::', false],
        ['128.0.0.1', false],
        ['127.evil.example', false],
        ['localhost.evil.example', false],
        ['', false],
    ])('%s is this machine only: %s', (host, expected) => {
        expect(isLoopback(host)).toBe(expected);
    });

    it.each([
        ['data.example.com', true],
        ['192.0.2.7', true],
        ['[::1]', true],
        ['data.example.com:8080', false],
        ['https://data.example.com', false],
        ['a b', false],
        ['', false],
    ])('%s can be allowed: %s', (name, expected) => {
        expect(isHostName(name)).toBe(expected);
    });
});
