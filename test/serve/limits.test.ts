import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { childrenOf, labProject, PATIENT, startServer, type TestAnswer, type TestServer } from '../support/server.ts';

/** Limits stop a query, and other clients do not notice. */

const TIMEOUT_MS = 1_500;

const series = (last: string): string =>
    `with recursive c(n) as (select 1 union all select n + 1 from c${last}) select n, 'row ' || n as word from c`;

const files = {
    'api/endless.sql': `-- route: GET /endless\n-- param: with text\nselect count(*) as n, :with as with_text from (${series('')});\n`,
    'api/endless2.sql': `-- route: GET /endless2\nselect count(*) as n from (${series('')});\n`,
    'api/rows.sql': `-- route: GET /rows\n-- param: last integer required\n-- page: n\n${series(' where n < :last')};\n`,
    'api/wide.sql': '-- route: GET /wide\n-- param: mb integer required\nselect hex(zeroblob(:mb * 500000)) as wide;\n',
    'api/moody.sql': `-- route: GET /moody\n-- param: endless integer default 0\nselect case when :endless = 1 then (select count(*) from (${series('')})) else 1 end as n;\n`,
    'api/quick.sql': '-- route: GET /quick\nselect 1 as one;\n',
};

let server: TestServer;
let words: readonly string[];
beforeAll(async () => {
    ({ words } = await labProject(files));
});

async function start(...more: string[]): Promise<void> {
    server = await startServer(words, ['--quiet', ...more]);
}

describe('a query that never ends', () => {
    beforeAll(() => start('--timeout-ms', String(TIMEOUT_MS)));
    afterAll(() => server.stop());

    it('is ended with its process, and others are answered meanwhile', async () => {
        await server.get('/quick');
        const before = new Set(childrenOf(server.child.pid as number));
        const endless = server.get('/endless');
        const during: TestAnswer[] = [];
        let isOver = false;
        void endless.then(() => {
            isOver = true;
        });
        while (!isOver) {
            during.push(await server.get('/quick'));
        }
        expect((await endless).json()).toMatchObject({
            code: 'TIME_LIMIT',
            error: `the query took longer than ${TIMEOUT_MS} ms and was ended`,
        });
        expect((await endless).status).toBe(504);
        expect(new Set(during.map(({ status }) => status))).toEqual(new Set([200]));
        expect(during.length).toBeGreaterThan(10);
        const left = childrenOf(server.child.pid as number).filter((pid) => before.has(pid));
        expect(left.length).toBeLessThan(before.size);
        expect((await server.get('/metrics')).text).toContain('elt_readers_killed_total 1\n');
    });

    it('does not block others, however often it is asked: one reader is kept for quick questions', async () => {
        const many = Array.from({ length: 20 }, (_, index) => server.get(`/endless${index % 2 === 0 ? '' : '2'}`));
        let done = 0;
        for (const one of many) {
            void one.then(() => {
                done++;
            });
        }
        let quick = 0;
        while (done === 0) {
            expect((await server.get('/quick')).status).toBe(200);
            quick++;
        }
        expect(quick).toBeGreaterThan(10);
        const statuses = (await Promise.all(many)).map(({ status }) => status);
        // The first ones get a reader and are ended; those for which none was free in time get an error.
        expect(statuses.filter((status) => status === 504).length).toBeGreaterThanOrEqual(3);
        expect(statuses.every((status) => status === 504 || status === 503)).toBe(true);
        expect((await server.get('/quick')).status).toBe(200);
    });

    it('moves the jobs after it to another reader, if it was expected to be quick', async () => {
        for (let turn = 0; turn < 20; turn++) {
            await server.get('/moody');
        }
        let isOver = false;
        const endless = server.get('/moody?endless=1').then(({ status }) => {
            isOver = true;
            return status;
        });
        // Given to the busy reader, since all of them together should take almost no time.
        const behind = Array.from({ length: 10 }, async () => [(await server.get('/moody')).status, isOver]);
        expect(await Promise.all(behind)).toEqual(behind.map(() => [200, false]));
        expect(await endless).toBe(504);
    });

    it('a refusal says when to retry', async () => {
        const many = await Promise.all(Array.from({ length: 300 }, () => server.get('/endless')));
        const refused = many.find(({ status }) => status === 503);
        expect(refused?.json()).toMatchObject({ code: 'SERVER_BUSY' });
        expect(refused?.headers.get('retry-after')).toBe('1');
    });
});

describe('an answer that is too large', () => {
    beforeAll(() => start('--rows-max', '1000'));
    afterAll(() => server.stop());

    it.each([
        ['/rows?last=1000', 200, undefined],
        ['/rows?last=1001', 413, 'the answer has more than 1000 rows'],
        ['/rows.json?last=100000', 413, 'the answer has more than 1000 rows'],
        ['/rows?last=100000&limit=1000', 200, undefined],
        ['/wide?mb=15', 200, undefined],
        ['/wide?mb=17', 413, 'the answer has more than 16777216 bytes'],
    ])('%s: %d', async (path, status, error) => {
        const answer = await server.get(path);
        expect(answer.status).toBe(status);
        if (error === undefined) {
            expect(answer.json()).toBeInstanceOf(Array);
        } else {
            expect(answer.json()).toMatchObject({ code: 'ANSWER_TOO_LARGE', error });
        }
    });

    it('says how to get all of it', async () => {
        expect((await server.get('/rows?last=2000')).json()).toMatchObject({
            next: 'request it as .csv or .ndjson, which have no limit, or pages with limit=…, then follow the header Link',
        });
    });
});

describe('with one reader', () => {
    beforeAll(() => start('--readers', '1', '--timeout-ms', '300'));
    afterAll(() => server.stop());

    it('all clients wait in turn', async () => {
        const [endless, quick] = await Promise.all([server.get('/endless'), server.get('/quick')]);
        expect(endless.status).toBe(504);
        expect([200, 503]).toContain(quick.status);
        await expect.poll(async () => (await server.get('/quick')).status, PATIENT).toBe(200);
    });
});
