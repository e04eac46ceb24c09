import { afterAll, beforeAll, expect, it } from 'vitest';
import { elt } from '../support/elt.ts';
import {
    childrenOf,
    type LabProject,
    labProject,
    memoryMb,
    PATIENT,
    startServer,
    type TestServer,
} from '../support/server.ts';

/** CSV and NDJSON have no limit: they are sent as they come, with a memory that does not grow. */

const series = (last: string): string =>
    `with recursive c(n) as (select 1 union all select n + 1 from c where n < ${last}) select n, 'row ' || n as word from c`;

const files = {
    'api/rows.sql': `-- route: GET /rows\n-- param: last integer required\n${series(':last')};\n`,
    // The row after the last one that is right cannot be computed.
    'api/torn.sql': `-- route: GET /torn\n${series('300000').replace("'row ' || n", "case when n < 200000 then 'row' else json('{') end")};\n`,
    'dashboard/10_rows.sql': '-- title: Rows\n-- chart: number\nselect 300000 as n;\n',
    'dashboard/10_rows.rows.sql': `-- row: one row\n${series('300000')};\n`,
};

const ROWS = 300_000;
let lab: LabProject;
let server: TestServer;
beforeAll(async () => {
    lab = await labProject(files);
    server = await startServer(lab.words, ['--quiet', '--rows-max', '1000']);
});
afterAll(async () => {
    expect(await server.stop()).toBe(0);
});

function csv(rows: number): string {
    return `n,word\r\n${Array.from({ length: rows }, (_, n) => `${n + 1},row ${n + 1}\r\n`).join('')}`;
}

it.each([
    ['/rows.csv?last=300000', csv(ROWS)],
    ['/dashboard/lab/figures/10_rows/rows.csv', csv(ROWS)],
    ['/rows.csv?last=1001', csv(1_001)],
    ['/rows.csv?last=1000', csv(1_000)],
    [
        '/rows.ndjson?last=1001',
        Array.from({ length: 1_001 }, (_, n) => `{"n":${n + 1},"word":"row ${n + 1}"}\n`).join(''),
    ],
])('%s has all rows', async (path, expected) => {
    const answer = await server.get(path);
    expect(answer.status).toBe(200);
    expect(answer.text.replaceAll(/\r?\n/g, '\n') === expected.replaceAll('\r\n', '\n')).toBe(true);
    expect(answer.headers.get('etag')).toMatch(/"/);
});

it.each(['identity', 'gzip'])('the log and the metrics know how many bytes were sent: %s', async (encoding) => {
    const counted = async (): Promise<number> => {
        const line = /^elt_http_response_bytes_total\{route="\/rows",status="200"\} (\d+)$/m;
        return Number(line.exec((await server.get('/metrics')).text)?.[1] ?? 0);
    };
    const before = await counted();
    const answer = await server.get('/rows.csv?last=100000', { 'accept-encoding': encoding });
    const whole = answer.text.length;
    // Compressed they are fewer; the headers and the frame of each piece are counted too.
    const least = encoding === 'gzip' ? whole / 50 : whole;
    await expect.poll(async () => (await counted()) - before, PATIENT).toBeGreaterThanOrEqual(least);
    expect((await counted()) - before).toBeLessThan(whole * 1.01);
});

it('JSON says where all of them are', async () => {
    const answer = await server.get('/rows?last=1001');
    expect(answer.status).toBe(413);
    expect(answer.json()).toMatchObject({
        next: 'request it as .csv or .ndjson, which have no limit, or less with the parameters',
    });
});

it('rows that cannot be read to their end do not look whole', async () => {
    await expect(server.get('/torn.csv')).rejects.toThrow();
});

it('HEAD has the headers alone', async () => {
    const answer = await fetch(`${server.address}/rows.csv?last=300000`, { method: 'HEAD' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
        200,
        'text/csv; charset=utf-8; header=present',
    ]);
});

it('memory does not grow with the rows, and a client that leaves ends the query', async () => {
    const pid = server.child.pid as number;
    await server.get('/rows.csv?last=2000');
    const before = memoryMb(pid);
    const readers = childrenOf(pid).length;
    const leaving = new AbortController();
    const response = await fetch(`${server.address}/rows.csv?last=400000000`, { signal: leaving.signal });
    const body = response.body?.getReader();
    let bytes = 0;
    let most = 0;
    for (let turn = 0; bytes < 60e6; turn++) {
        bytes += (await body?.read())?.value?.length ?? 0;
        most = turn % 200 === 0 ? Math.max(most, memoryMb(pid)) : most;
    }
    expect(childrenOf(pid).length).toBeGreaterThan(readers);
    // The process of the stream itself, and what is on its way.
    expect(most - before).toBeLessThan(150);
    leaving.abort();
    await expect.poll(() => childrenOf(pid).length, PATIENT).toBe(readers);
});

it('a few at once, then others are asked to wait; a client that does not read holds only its own', async () => {
    const leaving = new AbortController();
    const path = `${server.address}/rows.csv?last=400000000`;
    const held = await Promise.all(Array.from({ length: 4 }, () => fetch(path, { signal: leaving.signal })));
    expect(held.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const refused = await server.get('/rows.csv?last=400000000');
    expect([refused.status, (refused.json() as { code: string }).code]).toEqual([503, 'SERVER_BUSY']);
    expect((await server.get('/rows.csv?last=1000')).status).toBe(200);
    leaving.abort();
    await expect.poll(async () => (await server.get('/rows.csv?last=1001')).status, PATIENT).toBe(200);
});

it('a mart that was never filled is 503 with its cause, never 0', async () => {
    const other = await labProject({
        'marts/numbers.sql': '-- row: a number\n-- key: n\nselect n, word from stg_numbers;\n',
        'api/count.sql': '-- route: GET /count\nselect count(*) as n from numbers;\n',
        'api/view.sql': '-- route: GET /view\nselect n from counted;\n',
        'api/one.sql': '-- route: GET /one\nselect 1 as one;\n',
        'dashboard/10_count.sql': '-- title: Count\n-- chart: number\nselect count(*) as n from numbers;\n',
    });
    other.write('../../migrations/lab/0002_view.sql', 'create view counted as select count(*) as n from numbers;\n');
    expect((await elt([...other.words, 'migrate'])).status).toBe(0);
    const served = await startServer(other.words, ['--quiet']);
    try {
        for (const path of ['/count', '/view', '/count.csv']) {
            const answer = await served.get(path);
            expect([path, answer.status]).toEqual([path, 503]);
            expect(answer.json()).toMatchObject({
                code: 'MART_NOT_FILLED',
                error: '"numbers" has not been filled yet',
            });
        }
        expect((await served.get('/one')).status).toBe(200);
        expect((await served.get('/dashboard/lab/data')).json()).toMatchObject({
            figures: [{ name: '10_count', rows: [], error: { code: 'MART_NOT_FILLED', status: 503 } }],
        });
    } finally {
        expect(await served.stop()).toBe(0);
    }
});
