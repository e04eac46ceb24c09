import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acceptedEncoding } from '../../src/serve/http/content-encoding.ts';
import { labProject, startServer, type TestServer } from '../support/server.ts';

/** What is sent is small: files compressed by the build and kept for good, answers compressed as they are sent. */

const files = {
    'api/long.sql':
        "-- route: GET /long\nwith recursive c(n) as (select 1 union all select n + 1 from c where n < 2000) select n, 'a word' as word from c;\n",
    'api/short.sql': '-- route: GET /short\nselect 1 as n;\n',
    'dashboard/10_one.sql': '-- title: One\n-- chart: line\nselect 1 as x, 2 as y;\n',
};

let server: TestServer;
beforeAll(async () => {
    const { words } = await labProject(files);
    server = await startServer(words, ['--quiet']);
});
afterAll(() => server.stop());

interface Raw {
    readonly status: number;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly bytes: Buffer;
}

/** As it comes over the wire. */
function raw(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Raw> {
    return new Promise((resolve, reject) => {
        request(`${server.address}${path}`, { headers }, (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('end', () =>
                resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) }),
            );
        })
            .on('error', reject)
            .end();
    });
}

const plain = ({ headers, bytes }: Raw): string =>
    (headers['content-encoding'] === 'br'
        ? brotliDecompressSync(bytes)
        : headers['content-encoding'] === 'gzip'
          ? gunzipSync(bytes)
          : bytes
    ).toString();

/** The addresses in the page. */
async function assets(): Promise<readonly string[]> {
    const { text } = await server.get('/dashboard/lab');
    return [...new Set([...text.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path as string))];
}

describe('files of the pages', () => {
    it('have the hash of their content in their names, and are kept for good', async () => {
        const paths = await assets();
        expect(paths.map((path) => path.replace(/\.[\w-]{12}\./, '.')).sort()).toEqual([
            '/assets/echarts.js',
            '/assets/icon.svg',
            '/assets/page.css',
            '/assets/page.js',
        ]);
        for (const path of paths) {
            const answer = await raw(path);
            expect([answer.status, answer.headers['cache-control']]).toEqual([
                200,
                'public, max-age=31536000, immutable',
            ]);
        }
    });

    it.each(['br', 'gzip', ''])('as %j are the same', async (encoding) => {
        for (const path of await assets()) {
            const identity = await raw(path);
            const answer = await raw(path, { 'accept-encoding': encoding });
            expect(answer.headers['content-encoding'] ?? '').toBe(encoding);
            expect(answer.headers.vary).toContain('Accept-Encoding');
            expect(plain(answer)).toBe(identity.bytes.toString());
            const tag = answer.headers.etag as string;
            for (const known of [tag, `W/${tag.replace(/^W\//, '')}`, `"x", ${tag}`, '*']) {
                const again = await raw(path, { 'accept-encoding': encoding, 'if-none-match': known });
                expect([known, again.status, again.bytes.length]).toEqual([known, 304, 0]);
            }
            expect((await raw(path, { 'accept-encoding': encoding, 'if-none-match': '"x"' })).status).toBe(200);
        }
    });

    it('by a plain name are asked for again each time', async () => {
        expect((await raw('/assets/page.css')).headers['cache-control']).toBe('no-cache');
        expect((await raw('/assets/page.css.br')).status).toBe(404);
        expect((await raw('/assets/page.000000000000.css')).status).toBe(404);
    });
});

describe('answers', () => {
    it.each(['br', 'gzip'])('%s: the same, smaller, with a weak tag that holds', async (encoding) => {
        const identity = await raw('/long');
        const answer = await raw('/long', { 'accept-encoding': encoding });
        expect(answer.headers['content-encoding']).toBe(encoding);
        expect(plain(answer)).toBe(identity.bytes.toString());
        expect(answer.bytes.length).toBeLessThan(identity.bytes.length / 4);
        expect(answer.headers.etag).toBe(`W/${identity.headers.etag}`);
        expect(String(answer.headers.vary).toLowerCase()).toContain('accept-encoding');
        for (const tag of [answer.headers.etag, identity.headers.etag] as string[]) {
            expect((await raw('/long', { 'accept-encoding': encoding, 'if-none-match': tag })).status).toBe(304);
        }
    });

    it.each(['/long.csv', '/long.ndjson', '/dashboard/lab', '/docs', '/openapi.json', '/metrics'])(
        '%s',
        async (path) => {
            const answer = await raw(path, { 'accept-encoding': 'gzip' });
            expect(answer.headers['content-encoding']).toBe('gzip');
            expect(plain(answer).length).toBeGreaterThan(1_000);
        },
    );

    it('that are short, or that nobody wants compressed, are sent as they are', async () => {
        expect((await raw('/short', { 'accept-encoding': 'br' })).headers['content-encoding']).toBeUndefined();
        expect((await raw('/long', { 'accept-encoding': 'identity' })).headers['content-encoding']).toBeUndefined();
        expect((await raw('/long', { 'accept-encoding': 'br;q=0' })).headers['content-encoding']).toBeUndefined();
        expect((await raw('/long')).headers['content-encoding']).toBeUndefined();
    });
});

describe('Accept-Encoding', () => {
    const all = { br: 1, gzip: 1 };
    it.each([
        ['br', all, 'br'],
        ['gzip, deflate, br', all, 'br'],
        ['gzip', all, 'gzip'],
        ['GZIP', all, 'gzip'],
        ['br;q=0, gzip;q=0.1', all, 'gzip'],
        ['br', { gzip: 1 }, null],
        ['*', all, 'br'],
        ['*;q=0', all, null],
        ['identity', all, null],
        ['zstd', all, null],
        ['', all, null],
        [undefined, all, null],
    ])('%j of %j is %j', (header, available, expected) => {
        expect(acceptedEncoding(header, available)).toBe(expected);
    });
});
