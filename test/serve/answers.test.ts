import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram, sqliteShell } from '../support/elt.ts';
import { type LabProject, labProject, startServer, type TestServer } from '../support/server.ts';

/** Formats, pages, tags and errors, on a small pipeline. */

const VALUES = `-- route: GET /values
-- column: moment timestamp cut to seconds
select
    9223372036854775807 as big,
    0.1 as real,
    1e300 * 1e10 as endless,
    'a "b",' || char(10) || 'ü' as text,
    null as gone,
    x'00ff' as bytes,
    '2023-03-25 11:31:26.999999+02' as moment;
`;

const NUMBERS = `-- row: a number
-- route: GET /numbers
-- param: from integer default 0 range 0..1000
-- param: word text
-- page: n
select n, word from numbers where n >= :from and (:word is null or word = :word) order by n;
`;

const PAIRS = `-- route: GET /pairs
-- page: _half, n
select 'x' || n as name, n / 2 as _half, n from numbers order by _half, n;
`;

const files = {
    'api/values.sql': VALUES,
    'api/numbers.sql': NUMBERS,
    'api/pairs.sql': PAIRS,
    'api/one.sql':
        '-- route: GET /words/{word}\n-- param: word text required\n-- no_row: not found\nselect n from numbers where word = :word;\n',
    'api/fixed.sql': "-- route: GET /words/fixed\nselect 'fixed' as word;\n",
    'api/twins.sql': '-- route: GET /twins\n-- page: half\nselect n / 2 as half from numbers;\n',
    'api/holes.sql': "-- route: GET /holes\n-- page: word\nselect n, nullif(word, 'w3') as word from numbers;\n",
    'api/hidden.sql': 'select 1 as one;\n',
    'api/wrong.sql': '-- route: GET /wrong\nselect nn from numbers;\n',
    'api/head.sql': '-- route: GET /head\n-- nonsense: x\nselect 1;\n',
};

let lab: LabProject;
let server: TestServer;
beforeAll(async () => {
    lab = await labProject(files);
    const shell = sqliteShell() ?? 'sqlite3';
    await runProgram(shell, [
        lab.db,
        "with recursive c(n) as (select 1 union all select n + 1 from c where n < 10) insert into numbers select n, 'w' || n from c",
    ]);
    server = await startServer(lab.words);
});
afterAll(async () => {
    await server.stop();
});
const get: TestServer['get'] = (path, headers) => server.get(path, headers);

describe('formats', () => {
    it('JSON keeps every value', async () => {
        const { text, headers } = await get('/values');
        expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
        expect(text).toBe(
            '[{"big":9223372036854775807,"real":0.1,"endless":"Infinity","text":"a \\"b\\",\\nü","gone":null,' +
                '"bytes":"00ff","moment":"2023-03-25T09:31:26+00:00"}]\n',
        );
    });

    const csv =
        'big,real,endless,text,gone,bytes,moment\r\n9223372036854775807,0.1,Infinity,"a ""b"",\nü",,00ff,2023-03-25T09:31:26+00:00\r\n';

    it.each([
        ['/values.csv', '*/*', 'text/csv', csv],
        ['/values.csv', 'application/json', 'text/csv', csv],
        ['/values', 'text/csv', 'text/csv', csv],
        ['/numbers.ndjson?from=10', '*/*', 'application/x-ndjson', '{"n":10,"word":"w10"}\n'],
        [
            '/numbers?from=10',
            'application/json;q=0.1, application/x-ndjson',
            'application/x-ndjson',
            '{"n":10,"word":"w10"}\n',
        ],
        ['/numbers.json?from=10', 'text/csv', 'application/json', '[{"n":10,"word":"w10"}]\n'],
        [
            '/numbers?from=10',
            'text/html,application/xhtml+xml,*/*;q=0.8',
            'application/json',
            '[{"n":10,"word":"w10"}]\n',
        ],
        ['/numbers.ndjson?from=11', '*/*', 'application/x-ndjson', ''],
        ['/numbers.csv?from=11', '*/*', 'text/csv', 'n,word\r\n'],
    ])('%s, Accept %s: %s', async (path, accept, type, body) => {
        const answer = await get(path, { accept });
        expect(answer.headers.get('content-type')).toContain(type);
        expect(answer.text).toBe(body);
    });

    it('406 if no format in Accept is available', async () => {
        const answer = await get('/numbers', { accept: 'image/png' });
        expect([answer.status, answer.json()]).toMatchObject([406, { code: 'FORMAT_UNKNOWN' }]);
    });
});

describe('routes', () => {
    it.each([
        ['/words/fixed', 200, [{ word: 'fixed' }]],
        ['/words/w3', 200, [{ n: 3 }]],
        ['/words/w%33', 200, [{ n: 3 }]],
        ['/words/w3.csv', 200, undefined],
        ['/words/w3%2Ecsv', 404, { code: 'NOT_FOUND' }],
        ['/words/a%2Fb', 404, { code: 'NOT_FOUND', error: 'there is no word "a/b"' }],
        ['/words', 404, { code: 'NOT_FOUND' }],
        ['/words/w3/more', 404, { code: 'NOT_FOUND' }],
        ['/hidden', 404, { code: 'NOT_FOUND' }],
        ['/numbers/', 404, { code: 'NOT_FOUND' }],
        ['/%ff', 400, { code: 'REQUEST_WRONG' }],
        ['/words/%zz', 400, { code: 'REQUEST_WRONG' }],
    ])('%s: %d', async (path, status, body) => {
        const answer = await get(path);
        expect(answer.status).toBe(status);
        if (body !== undefined) {
            expect(answer.json()).toMatchObject(body);
        }
    });
});

describe('parameters', () => {
    it.each([
        ['/numbers?from=9', 200, [{ n: 9 }, { n: 10 }]],
        ['/numbers?from=9&word=w10', 200, [{ n: 10 }]],
        ['/numbers?from=9&word=', 200, [{ n: 9 }, { n: 10 }]],
        ['/numbers?from=1001', 400, { code: 'PARAMETER_WRONG', error: 'from must be an integer from 0 to 1000' }],
        ['/numbers?from=1&from=2', 400, { code: 'REQUEST_WRONG', error: 'from is given twice' }],
        ['/numbers?fro=1', 400, { code: 'PARAMETER_UNKNOWN', found: 'did you mean "from"?' }],
        ['/words/w1?word=w2', 400, { code: 'PARAMETER_UNKNOWN' }],
        ['/numbers?limit=0', 400, { code: 'PARAMETER_WRONG' }],
        ['/numbers?limit=1000000', 400, { code: 'PARAMETER_WRONG' }],
        ['/numbers?limit=2&after=x', 400, { code: 'PARAMETER_WRONG' }],
        ['/numbers?limit=2&after=W10', 400, { code: 'PARAMETER_WRONG' }],
        ['/words/w1?limit=1', 400, { code: 'PARAMETER_UNKNOWN' }],
        [`/numbers?word=${'x'.repeat(9_000)}`, 414, { code: 'REQUEST_TOO_LARGE' }],
    ])('%s: %d', async (path, status, body) => {
        const answer = await get(path);
        expect(answer.status).toBe(status);
        expect(answer.json()).toMatchObject(body);
    });
});

describe('pages', () => {
    it.each([
        ['/numbers', 3],
        ['/numbers?from=2', 1],
        ['/numbers?word=w4', 5],
        ['/numbers', 10],
        ['/numbers', 11],
        ['/pairs', 1],
        ['/pairs', 3],
        ['/pairs', 4],
    ])('%s, %d per page: together they are all rows', async (path, limit) => {
        const all = (await get(path)).json() as unknown[];
        const rows: unknown[] = [];
        let next: string | null = `${path}${path.includes('?') ? '&' : '?'}limit=${limit}`;
        for (let pages = 0; next !== null && pages < 20; pages++) {
            const answer = await get(next);
            const page = answer.json() as unknown[];
            expect(page.length).toBeLessThanOrEqual(limit);
            rows.push(...page);
            next = /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1] ?? null;
        }
        expect(rows).toEqual(all);
    });

    it('shows no column that only orders pages', async () => {
        expect(await get('/pairs?limit=1')).toMatchObject({ text: '[{"name":"x1","_half":0,"n":1}]\n' });
    });

    it.each([
        ['/twins?limit=2', 'two rows have the same'],
        ['/holes?limit=20', 'a row has null'],
    ])('%s: a key that is not unique is an error, never a gap', async (path, message) => {
        const answer = await get(path);
        expect(answer.status).toBe(500);
        expect(answer.json()).toMatchObject({ code: 'SQL_HEADER', error: expect.stringContaining(message) });
    });
});

describe('tags', () => {
    it('304 until the data changes', async () => {
        const { headers } = await get('/numbers');
        const tag = headers.get('etag') as string;
        const again = { 'if-none-match': `"x", W/${tag}` };
        expect(await get('/numbers', again)).toMatchObject({ status: 304, text: '' });
        expect((await get('/numbers?from=1', again)).status).toBe(200);
        expect((await get('/numbers.csv', again)).status).toBe(200);
        await runProgram('sqlite3', [lab.db, "update numbers set word = 'new' where n = 1"]);
        expect((await get('/numbers', again)).text).toContain('"new"');
        await runProgram('sqlite3', [lab.db, "update numbers set word = 'w1' where n = 1"]);
    });
});

describe('SQL that is wrong', () => {
    it.each([
        ['/wrong', 'SQL_STATEMENT', 'sql/lab/api/wrong.sql:2:8'],
        ['/head', 'SQL_HEADER', 'sql/lab/api/head.sql:2'],
    ])('%s: %s', async (path, code, where) => {
        const answer = await get(path);
        expect(answer.json()).toMatchObject({ code, where });
        expect(answer.text).not.toContain(lab.project);
    });
});
