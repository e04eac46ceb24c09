import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

/** The limits of other people's SQL: it gets only so much memory, and sees neither elt's own tables nor a path. */

const bomb = (mb: number): string =>
    `select length(replace(hex(zeroblob(${mb} * 500000 / 8)), '00', 'xxxxxxxxxxxxxxxx')) as n`;

const figure = (sql: string, head = ''): string => `-- title: A figure\n-- chart: table\n${head}${sql};\n`;

const files = {
    'api/bomb.sql': `-- route: GET /bomb\n${bomb(400)};\n`,
    'api/bomb2.sql': `-- route: GET /bomb2\nselect length(group_concat(hex(zeroblob(500000)), '')) as n from (with recursive c(n) as (select 1 union all select n + 1 from c where n < 500) select n from c);\n`,
    'api/large.sql': '-- route: GET /large\nselect hex(zeroblob(7500000)) as wide;\n',
    'api/one.sql': '-- route: GET /one\nselect 1 as one;\n',
    'api/loads.sql': '-- route: GET /loads\nselect * from elt_loads;\n',
    'api/loads_in_a_view.sql': '-- route: GET /loads_in_a_view\nselect * from seen_loads;\n',
    'api/loads_in_an_expression.sql':
        '-- route: GET /loads_in_an_expression\nselect (select count(*) from ELT_LOADS) as n;\n',
    'api/loads_named.sql': '-- route: GET /loads_named\n-- reads: elt_loads\nselect count(*) as n from elt_loads;\n',
    'api/another_named.sql':
        '-- route: GET /another_named\n-- reads: elt_models\nselect count(*) as n from elt_loads;\n',
    'api/path.sql': '-- route: GET /path\nselect file from pragma_database_list;\n',
    'api/path_quoted.sql': '-- route: GET /path_quoted\nselect file from "Pragma_Database_List";\n',
    'api/path_in_a_view.sql': '-- route: GET /path_in_a_view\nselect * from paths;\n',
    'api/path_named.sql':
        '-- route: GET /path_named\n-- reads: pragma_database_list\nselect count(*) as n from pragma_database_list;\n',
    'api/paged.sql':
        '-- route: GET /paged/{n}\n-- param: n integer required\n-- page: n\nselect :n as n from elt_rejects;\n',
    'dashboard/10_loads.sql': figure('select count(*) from elt_loads'),
    'dashboard/20_loads.sql': figure('select count(*) as n from elt_loads', '-- reads: elt_loads, elt_models\n'),
};

let lab: LabProject;
let server: TestServer;
beforeAll(async () => {
    lab = await labProject(files);
    lab.write(
        '../../migrations/lab/0002_views.sql',
        'create view seen_loads as select * from elt_loads;\ncreate view paths as select file from pragma_database_list;\n',
    );
    expect((await elt([...lab.words, 'migrate'])).status).toBe(0);
    // Here the limit of memory, not of time, must end the query.
    server = await startServer(lab.words, ['--quiet', '--timeout-ms', '60000']);
});
afterAll(async () => {
    expect(await server.stop()).toBe(0);
});

describe('memory', () => {
    // The limit of the container in docs/deploy/compose.yaml.
    const CONTAINER_MB = 1_024 * 1.048576;

    it.each(['/bomb', '/bomb2'])(
        '%s is ended, at once and asked once, and the next question is answered',
        async (path) => {
            const answer = await server.get(path);
            expect(answer.json()).toMatchObject({ code: 'MEMORY_LIMIT', status: 500 });
            expect((await server.get('/one')).status).toBe(200);
        },
    );

    it('eight at once stay below the limit of the container', async () => {
        const pid = server.child.pid as number;
        let most = 0;
        let isOver = false;
        const asked = Promise.all(
            Array.from({ length: 8 }, (_, n) => server.get(n % 2 === 0 ? '/bomb' : '/bomb2')),
        ).then((all) => {
            isOver = true;
            return all;
        });
        while (!isOver) {
            most = Math.max(most, memoryMb(pid));
            await new Promise((resolve) => setTimeout(resolve, 5));
        }
        const codes = (await asked).map((answer) => (answer.json() as { code: string }).code);
        expect(new Set(codes)).toEqual(new Set(['MEMORY_LIMIT']));
        expect(most).toBeLessThan(CONTAINER_MB);
        expect(server.errors()).toBe('');
    });

    it('there is room for the largest allowed answer', async () => {
        for (let turn = 0; turn < 3; turn++) {
            expect((await server.get('/large')).status).toBe(200);
        }
    });
});

describe('a reader that ends unexpectedly', () => {
    it('its question is asked once more, unnoticed', async () => {
        const slow = await labProject({
            'api/slow.sql':
                '-- route: GET /slow\nwith recursive c(n) as (select 1 union all select n + 1 from c where n < 1500000) select max(n) as n from c;\n',
        });
        const running = await startServer(slow.words, ['--quiet', '--readers', '1', '--timeout-ms', '60000']);
        try {
            const asked = running.get('/slow');
            await expect
                .poll(async () => (await running.get('/metrics')).text, PATIENT)
                .toContain('elt_readers_running 1\n');
            // The only one: of several, a second kill could hit the one that is asked again.
            for (const reader of childrenOf(running.child.pid as number)) {
                process.kill(reader, 'SIGKILL');
            }
            expect((await asked).text).toBe('[{"n":1500000}]\n');
            expect((await running.get('/metrics')).text).toContain('elt_readers_lost_total 1\n');
        } finally {
            await running.stop();
        }
    });
});

describe('elt’s own tables', () => {
    it.each([
        ['/loads', 'elt_loads'],
        ['/loads_in_a_view', 'elt_loads'],
        ['/loads_in_an_expression', 'elt_loads'],
        ['/another_named', 'elt_loads'],
        ['/path', 'pragma_database_list'],
        ['/path_quoted', 'pragma_database_list'],
        ['/paged/1', 'elt_rejects'],
        ['/paged/1?limit=2', 'elt_rejects'],
    ])('%s reads "%s", which its head does not name', async (path, name) => {
        const answer = await server.get(path);
        expect(answer.json()).toMatchObject({
            code: 'SQL_FORBIDDEN',
            error: expect.stringContaining(`it reads "${name}", which its head does not name`),
        });
        expect(answer.text).not.toContain(lab.project);
    });

    it('a view does not tell the path', async () => {
        const answer = await server.get('/path_in_a_view');
        expect(answer.json()).toMatchObject({ code: 'SQL_STATEMENT', found: expect.stringContaining('unsafe use') });
        expect(answer.text).not.toContain(lab.project);
    });

    it.each(['/loads_named', '/path_named'])('%s names what it reads', async (path) => {
        expect((await server.get(path)).json()).toEqual([{ n: expect.any(Number) }]);
    });

    it('the same holds for figures, and in the terminal', async () => {
        const { figures } = (await server.get('/dashboard/lab/data')).json() as {
            figures: { error?: { code: string }; rows: unknown[][] }[];
        };
        expect(figures.map(({ error, rows }) => error?.code ?? rows)).toEqual(['SQL_FORBIDDEN', [[0]]]);
        const refused = await elt([...lab.words, 'query', 'loads']);
        expect([refused.status, refused.stderr]).toEqual([6, expect.stringContaining('error SQL_FORBIDDEN')]);
        expect((await elt([...lab.words, 'query', 'loads_named'])).stdout).toContain('1 row');
    });

    it('only tables of elt need a name', async () => {
        lab.write('api/wrong.sql', '-- route: GET /wrong\n-- reads: numbers\nselect 1;\n');
        expect((await server.get('/wrong')).status).toBe(500);
        const ran = await elt([...lab.words, 'query', 'wrong']);
        expect(ran.stderr).toContain('expected tables of elt itself');
    });
});
