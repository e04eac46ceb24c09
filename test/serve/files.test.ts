import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elt, ended, startElt } from '../support/elt.ts';
import { type LabProject, labProject, startServer, type TestServer } from '../support/server.ts';

/** SQL files and database files that change while they are served. */

const one = (value: string, route = '/one'): string => `-- route: GET ${route}\nselect ${value} as value;\n`;

let lab: LabProject;
let server: TestServer;
const value = async (path: string): Promise<unknown> => {
    const answer = await server.get(path);
    return answer.status === 200 ? (answer.json() as { value: unknown }[])[0]?.value : answer.status;
};

describe('an edited SQL file', () => {
    beforeAll(async () => {
        lab = await labProject({ 'api/one.sql': one('1'), 'api/other.sql': one("'other'", '/other') });
        server = await startServer(lab.words);
    });
    afterAll(() => server.stop());

    it('is served at once, every time', async () => {
        for (let turn = 0; turn < 30; turn++) {
            lab.write('api/one.sql', one(String(turn % 10)));
            expect(await value('/one')).toBe(turn % 10);
        }
    });

    it('that is wrong is an error only for its route', async () => {
        lab.write('api/one.sql', '-- route: GET /one\nselect from;\n');
        expect((await server.get('/one')).json()).toMatchObject({
            code: 'SQL_STATEMENT',
            where: 'sql/lab/api/one.sql:2:8',
        });
        lab.write('api/one.sql', '-- route: GET /one\n-- nonsense: x\nselect 1;\n');
        expect((await server.get('/one')).json()).toMatchObject({ code: 'SQL_HEADER', where: 'sql/lab/api/one.sql:2' });
        lab.write('api/one.sql', "-- route: GET /one\nselect 'never closed");
        expect((await server.get('/one')).status).toBe(500);
        lab.write('api/one.sql', "-- route: GET /one\nattach 'x' as y;\n");
        expect((await server.get('/one')).json()).toMatchObject({ code: 'SQL_FORBIDDEN' });
        expect(await value('/other')).toBe('other');
        lab.write('api/one.sql', one('5'));
        expect(await value('/one')).toBe(5);
    });

    it('moves with its route; new files are added, old ones removed', async () => {
        lab.write('api/one.sql', one('6', '/moved'));
        expect([await value('/one'), await value('/moved')]).toEqual([404, 6]);
        lab.write('api/new.sql', one('7', '/new'));
        expect(await value('/new')).toBe(7);
        rmSync(join(lab.project, 'sql/lab/api/new.sql'));
        expect(await value('/new')).toBe(404);
        writeFileSync(join(lab.project, 'draft'), one('8', '/moved'));
        renameSync(join(lab.project, 'draft'), join(lab.project, 'sql/lab/api/one.sql'));
        expect(await value('/moved')).toBe(8);
    });
});

describe('a file that is wrong when the server starts, or when it is new', () => {
    // Each is wrong in another place than its route.
    const wrong: Readonly<Record<string, readonly [code: string, text: string]>> = {
        'an unknown key': ['SQL_HEADER', '-- prm: x integer\nselect 1 as a;\n'],
        'a type that no parameter has': ['SQL_HEADER', '-- param: n number\nselect :n as a;\n'],
        'a parameter that is not declared': ['SQL_HEADER', 'select :a as a;\n'],
        'no SELECT': ['SQL_STATEMENT', 'delete from numbers;\n'],
        'two statements': ['SQL_STATEMENT', 'select 1 as a;\nselect 2 as b;\n'],
        'a statement that no file may hold': ['SQL_FORBIDDEN', "attach 'x' as y;\n"],
    };
    const files = Object.entries(wrong).map(([why, [, text]], at) => {
        return { why, name: `wrong_${at}`, text: `-- row: one\n-- route: GET /wrong/${at}\n${text}` };
    });

    it.each(['at the start', 'later'])('answers at its route with its error: %s', async (when) => {
        const { words, write } = await labProject({ 'api/one.sql': one('1') });
        const writeAll = (): void => {
            for (const { name, text } of files) {
                write(`api/${name}.sql`, text);
            }
        };
        if (when === 'at the start') {
            writeAll();
        }
        const running = await startServer(words);
        try {
            if (when === 'later') {
                writeAll();
            }
            for (const [at, [why, [code]]] of Object.entries(wrong).entries()) {
                const answer = await running.get(`/wrong/${at}`);
                expect([why, answer.status, answer.json()]).toMatchObject([why, 500, { code }]);
            }
            expect((await running.get('/one')).status).toBe(200);
        } finally {
            await running.stop();
        }
    });

    it('without a route that can be served is named by /docs, to which the 404 leads', async () => {
        const { words } = await labProject({
            'api/taken.sql': one('1', '/models'),
            'api/other.sql': one('1', '/x.csv'),
        });
        const running = await startServer(words);
        try {
            expect((await running.get('/nothing')).json()).toMatchObject({ next: expect.stringContaining('/docs') });
            const page = (await running.get('/docs')).text;
            for (const file of ['taken', 'other']) {
                expect(page).toContain(`sql/lab/api/${file}.sql`);
            }
            expect(page.match(/Not served:/g)).toHaveLength(2);
        } finally {
            await running.stop();
        }
    });
});

describe('two columns of one name', () => {
    const twice = '-- route: GET /twice\n-- page: n\nselect n, word as a, n + 1 as a from numbers order by n;\n';

    it.each(['/twice', '/twice.csv', '/twice.ndjson', '/twice?limit=1'])('are refused, not lost: %s', async (path) => {
        const { words } = await labProject({ 'api/twice.sql': twice });
        const running = await startServer(words);
        try {
            expect((await running.get(path)).json()).toMatchObject({
                code: 'SQL_STATEMENT',
                error: '"sql/lab/api/twice.sql" cannot be asked: two of its columns are called "a"',
            });
        } finally {
            await running.stop();
        }
        expect((await elt([...words, 'query', 'twice', '--csv'])).stderr).toContain(
            'two of its columns are called "a"',
        );
    });
});

describe('routes that clash', () => {
    it('are an error at the start, with both files', async () => {
        const clashing = await labProject({
            'api/a.sql': '-- route: GET /x/{one}\n-- param: one text required\nselect :one as value;\n',
            'api/b.sql': '-- route: GET /x/{two}\n-- param: two text required\nselect :two as value;\n',
        });
        const ran = await elt([...clashing.words, 'serve', '--port', '0']);
        expect(ran.status).toBe(6);
        expect(ran.stderr).toContain('error ROUTE_CLASH');
        expect(ran.stderr).toContain('sql/lab/api/a.sql and sql/lab/api/b.sql');
    });

    it('that arise later leave the first one served', async () => {
        const late = await labProject({ 'api/a.sql': one('1') });
        const running = await startServer(late.words);
        late.write('api/b.sql', one('2'));
        expect((await running.get('/one')).text).toBe('[{"value":1}]\n');
        await running.stop();
    });
});

describe('the database file', () => {
    it('may be created later, be replaced, and be removed', async () => {
        const { words, db, write } = await labProject({
            'api/n.sql': '-- route: GET /n\nselect count(*) as value from numbers;\n',
        });
        rmSync(db);
        const running = await startServer(words);
        try {
            expect((await running.get('/health')).status).toBe(503);
            const missing = await running.get('/n');
            expect(missing.status).toBe(503);
            expect(missing.json()).toMatchObject({
                error: 'the database of pipeline "lab" does not exist yet',
                code: 'DATABASE_MISSING',
            });
            await elt([...words, 'migrate']);
            expect((await running.get('/n')).text).toBe('[{"value":0}]\n');
            expect((await running.get('/health')).json()).toEqual({
                status: 'ok',
                pipelines: [{ name: 'lab', status: 'ok', last_run: null }],
            });
            // Replaced by another file, with another table.
            write('../../migrations/lab/0002_more.sql', 'insert into numbers values (1, null), (2, null);\n');
            const other = `${db}.other`;
            expect((await elt([...words, '--db', other, 'migrate'])).status).toBe(0);
            const before = await running.get('/n');
            renameSync(other, db);
            const after = await running.get('/n', { 'if-none-match': before.headers.get('etag') as string });
            expect(after.text).toBe('[{"value":2}]\n');
            // Empty: no question is wrong for it.
            rmSync(db);
            writeFileSync(db, '');
            const empty = await running.get('/n');
            expect([empty.status, empty.json()]).toMatchObject([503, { code: 'DATABASE_NOT_MIGRATED' }]);
            rmSync(db);
            writeFileSync(db, 'this is no database at all, whatever its name says'.repeat(100));
            expect((await running.get('/n')).json()).toMatchObject({ code: 'DATABASE_DAMAGED' });
            expect((await running.get('/n')).text).not.toContain(db);
        } finally {
            expect(await running.stop()).toBe(0);
        }
    });
});

describe('the start', () => {
    it.each([
        [['--port', '99999'], 2, 'COMMAND_WRONG'],
        [['--readers', '0'], 2, 'COMMAND_WRONG'],
        [['--cors', 'example.com'], 2, 'COMMAND_WRONG'],
        [['--host', '203.0.113.7', '--no-token'], 2, 'ADDRESS_TAKEN'],
        [['--pipeline', 'lab', '--pipeline', 'nowhere'], 2, 'PROJECT_MISSING'],
        [['--pipeline', 'lab', '--pipeline', 'lab2', '--db', 'x=y.db'], 2, 'COMMAND_WRONG'],
    ])('%j ends with %d', async (words, status, code) => {
        const { words: first } = await labProject({ 'api/one.sql': one('1') });
        // Without the file's name, which belongs to one pipeline.
        const ran = await elt([...first.slice(0, words[0] === '--pipeline' ? 2 : 6), 'serve', ...words]);
        expect(ran.status).toBe(status);
        expect(ran.stderr).toContain(`error ${code}`);
    });

    it('prints the address, and reports that a port is taken', async () => {
        const { words } = await labProject({ 'api/one.sql': one('1') });
        const first = await startServer(words);
        const second = await ended(startElt([...words, 'serve', '--port', String(first.port)]));
        expect(second.status).toBe(2);
        expect(second.stderr).toContain('another program is listening on it');
        await first.stop();
    });
});
