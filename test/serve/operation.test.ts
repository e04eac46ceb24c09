import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { childrenOf, fetchAnswer, labProject, PATIENT, startServer, type TestServer } from '../support/server.ts';

/** Operating a server: health, metrics, logs, the token, origins, shutdown. */

const files = {
    'api/endless.sql':
        '-- route: GET /endless\nwith recursive c(n) as (select 1 union all select n + 1 from c) select count(*) as n from c;\n',
    'api/one.sql': '-- route: GET /one/{n}\n-- param: n integer required\nselect :n as n;\n',
    'api/slow.sql':
        '-- route: GET /slow\nwith recursive c(n) as (select 1 union all select n + 1 from c where n < 3000000) select max(n) as n from c;\n',
};

let words: readonly string[];
beforeAll(async () => {
    ({ words } = await labProject(files));
});

describe('health and metrics', () => {
    let server: TestServer;
    beforeAll(async () => {
        server = await startServer(words);
    });
    afterAll(() => server.stop());

    it('answers in the text format of Prometheus', async () => {
        for (const path of ['/one/1', '/one/2', '/one/x', '/nothing']) {
            await server.get(path);
        }
        const { text, headers } = await server.get('/metrics');
        expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
        expect(text).toContain('elt_http_request_seconds_count{route="/one/{n}",status="200"} 2\n');
        expect(text).toContain('elt_http_request_seconds_count{route="/one/{n}",status="400"} 1\n');
        expect(text).toContain('elt_http_request_seconds_count{route="/*",status="404"} 1\n');
        expect(text).toMatch(/^elt_readers \d+$/m);
        expect(text).toMatch(/^process_resident_memory_bytes \d{7,}$/m);
        const wrong = text.split('\n').filter((line) => !/^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\}+)? \S+)?$/.test(line));
        expect(wrong.filter((line) => !line.includes('{n}'))).toEqual([]);
    });

    it('counts the requests of a bound within each larger one', async () => {
        const { text } = await server.get('/metrics');
        const counts = [...text.matchAll(/_bucket\{route="\/one\/\{n\}",status="200",le="[^"]+"\} (\d+)/g)].map(
            ([, n]) => Number(n),
        );
        expect(counts).toHaveLength(14);
        expect(counts).toEqual([...counts].sort((left, right) => left - right));
        expect(counts.at(-1)).toBe(2);
    });

    it('writes a line of JSON for each request, with the route and not the values', async () => {
        await server.get('/one/4711');
        await expect
            .poll(() => server.errors(), PATIENT)
            .toMatch(
                /"method":"GET","route":"\/one\/\{n\}","status":200,"ms":[\d.]+,"bytes":\d+,"from":"127.0.0.1"\}\n/,
            );
        await expect
            .poll(() => server.errors(), PATIENT)
            .toMatch(/"route":"\/one\/\{n\}","status":400,.*"error":"PARAMETER_WRONG"\}\n/);
        for (const line of server.errors().trim().split('\n')) {
            expect(Object.keys(JSON.parse(line) as object).slice(0, 4)).toEqual(['time', 'method', 'route', 'status']);
        }
        expect(server.errors()).not.toContain('4711');
    });
});

describe('with a token', () => {
    let server: TestServer;
    beforeAll(async () => {
        server = await startServer(words, ['--cors', 'https://a.example', 'https://b.example'], {
            ELT_TOKEN: 'secret',
        });
    });
    afterAll(() => server.stop());

    const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

    it.each([
        ['/one/1', undefined, 401],
        ['/one/1', 'Bearer wrong', 401],
        ['/one/1', 'Bearer', 401],
        ['/one/1', 'secret', 401],
        ['/one/1', 'Bearer secret', 200],
        ['/one/1', 'bearer secret', 200],
        ['/one/1', basic('anybody:secret'), 200],
        ['/one/1', basic('secret:'), 401],
        ['/metrics', undefined, 401],
        ['/openapi.json', undefined, 401],
        ['/docs', undefined, 401],
        ['/', undefined, 401],
        ['/nothing', undefined, 401],
        ['/dashboard/lab/data', undefined, 401],
        ['/dashboard/lab/events', undefined, 401],
        ['/assets/page.css', undefined, 401],
        ['/health?x', undefined, 401],
        ['/health', undefined, 200],
    ])('%s with %s: %d', async (path, authorization, status) => {
        const answer = await server.get(path, authorization === undefined ? {} : { authorization });
        expect(answer.status).toBe(status);
        if (status === 401) {
            expect(answer.headers.get('www-authenticate')).toContain('Bearer');
            expect(answer.text).not.toContain('secret');
        }
    });

    it('never reveals it', async () => {
        await server.get('/one/1', { authorization: 'Bearer secret' });
        await expect.poll(() => server.errors(), PATIENT).toContain('"status":200');
        expect(server.errors()).not.toContain('secret');
    });

    it.each([
        ['https://a.example', 'https://a.example'],
        ['https://b.example', 'https://b.example'],
        ['https://c.example', null],
        ['null', null],
    ])('origin %s is allowed: %s', async (origin, allowed) => {
        const url = `${server.address}/one/1`;
        const preflight = await fetchAnswer(url, { method: 'OPTIONS', headers: { origin } });
        expect(preflight.status).toBe(204);
        expect(preflight.headers.get('access-control-allow-origin')).toBe(allowed);
        const answer = await server.get('/one/1', { origin, authorization: 'Bearer secret' });
        expect(answer.headers.get('access-control-allow-origin')).toBe(allowed);
        expect(answer.headers.get('vary')).toContain('Origin');
        const refused = await server.get('/one/x', { origin, authorization: 'Bearer secret' });
        expect(refused.headers.get('access-control-allow-origin')).toBe(allowed);
    });
});

describe('the end', () => {
    it('waits for running requests: SIGTERM, then status 0, and no process is left', async () => {
        const server = await startServer(words, ['--timeout-ms', '60000']);
        const idle = connect(server.port, '127.0.0.1');
        await once(idle, 'connect');
        const slow = server.get('/slow');
        await expect
            .poll(async () => (await server.get('/metrics')).text, PATIENT)
            .toContain('elt_readers_running 1\n');
        const stopped = server.stop();
        expect((await slow).text).toBe('[{"n":3000000}]\n');
        expect(await stopped).toBe(0);
        await expect(server.get('/one/1')).rejects.toThrow();
    });

    it('disconnects listeners of events', async () => {
        const server = await startServer(words);
        const response = await fetch(`${server.address}/dashboard/lab/events`);
        const text = response.text();
        expect(await server.stop()).toBe(0);
        expect(await text).toBe(': listening\n\n');
    });

    it('readers end with a server that is killed', async () => {
        const server = await startServer(words);
        await server.get('/one/1');
        // One of them is running a query without an end.
        void server.get('/endless').catch(() => undefined);
        await expect
            .poll(async () => (await server.get('/metrics')).text, PATIENT)
            .toContain('elt_readers_running 1\n');
        const readers = childrenOf(server.child.pid as number);
        expect(readers.length).toBeGreaterThan(0);
        server.child.kill('SIGKILL');
        await expect.poll(() => readers.filter(isAlive), { timeout: 10_000 }).toEqual([]);
    });
});

function isAlive(pid: number): boolean {
    try {
        // A process that has not been waited for is still listed, as a zombie.
        return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    } catch {
        return false;
    }
}
