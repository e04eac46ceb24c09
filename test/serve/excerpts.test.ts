import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasReadableHead } from '../../src/query/readable-head.ts';
import { workFolder } from '../support/elt.ts';
import { type LabProject, labProject, startServer, type TestServer } from '../support/server.ts';

/** Files that are not SQL with a head: what a pull request could put into the project is not shown to clients. */

const SECRET = 's3cr3t-of-the-server';
const TEXTS = {
    'an environment file': `ELT_TOKEN=${SECRET}\nPGPASSWORD=${SECRET}\n`,
    'a list of users': `root:x:0:0:${SECRET}:/root:/bin/bash\n`,
    'a key': `-----BEGIN OPENSSH PRIVATE KEY-----\n${SECRET}\n`,
    'a comment that is none of ours': `-- ${SECRET}: x\nselect '${SECRET};\n`,
    'one string': `'${SECRET}`,
    'a wrong select': `select ${SECRET} from "${SECRET}";\n`,
    'two selects': `select '${SECRET}'; select 1;\n`,
    'a pragma': `pragma key = '${SECRET}';\n`,
    'an undeclared parameter': `select :${SECRET.replaceAll('-', '_')};\n`,
};

let lab: LabProject;
let server: TestServer;
beforeAll(async () => {
    lab = await labProject({
        'api/one.sql': '-- route: GET /one\nselect 1 as one;\n',
        'dashboard/10_one.sql':
            '-- title: One\n-- chart: table\n-- param: word text\nselect 1 as one where :word is null;\n',
    });
    server = await startServer(lab.words, ['--quiet']);
});
afterAll(async () => {
    expect(await server.stop()).toBe(0);
});

/** Everything that the server shows of its files. */
async function everything(): Promise<string> {
    const paths = ['/one', '/two', '/docs', '/openapi.json', '/dashboard/lab/data', '/dashboard/lab'].concat(
        ['10_one', '20_two'].flatMap((name) => [
            `/dashboard/lab/figures/${name}`,
            `/dashboard/lab/figures/${name}/rows`,
            `/dashboard/lab/figures/${name}.csv`,
        ]),
    );
    return (await Promise.all(paths.map(async (path) => (await server.get(path)).text))).join('\n');
}

describe('a file without a head', () => {
    const places = [
        'api/one.sql',
        'api/two.sql',
        'dashboard/20_two.sql',
        'dashboard/10_one.rows.sql',
        'dashboard/word.options.sql',
    ];
    const spelt = [SECRET, SECRET.replaceAll('-', '_'), 's3cr3t', 'PGPASSWORD', 'OPENSSH'];

    it.each(Object.entries(TEXTS))('%s is quoted nowhere', async (_, text) => {
        expect(hasReadableHead(text)).toBe(false);
        for (const place of places) {
            lab.write(place, text);
        }
        const said = await everything();
        for (const word of spelt) {
            expect(said).not.toContain(word);
        }
        expect(said).toContain('cannot be read as a question');
        for (const place of places.slice(1)) {
            rmSync(join(lab.project, 'sql/lab', place));
        }
    });

    it('with a head the error quotes what is wrong', async () => {
        lab.write('api/one.sql', '-- route: GET /one\nselect nothing from nowhere;\n');
        expect((await server.get('/one')).json()).toMatchObject({ found: expect.stringContaining('nowhere') });
        lab.write('api/one.sql', '-- route: GET /one\nselect 1 as one;\n');
    });

    it.each([
        ['-- route: GET /x\nselect 1;', true],
        ['\ufeff-- row: x\nselect 1;', true],
        ['\n\n-- prose\n-- title: x\nselect 1;', true],
        ['-- prose\nselect 1; -- title: x', false],
        ['select 1;\n-- title: x', false],
        ['--     title: x\nselect 1;', false],
        ['', false],
    ])('%j has a head: %s', (text, expected) => {
        expect(hasReadableHead(text)).toBe(expected);
    });
});

describe('a link', () => {
    const outside = workFolder();
    const link = (place: string, target: string): string => {
        const path = join(lab.project, 'sql/lab', place);
        mkdirSync(join(path, '..'), { recursive: true });
        symlinkSync(target, path);
        return path;
    };

    it.each([
        ['api/two.sql', '/two', 404],
        ['dashboard/20_two.sql', '/dashboard/lab/figures/20_two', 500],
        ['dashboard/10_one.rows.sql', '/dashboard/lab/figures/10_one/rows', 500],
    ])('%s that leaves the project is refused, even if it leads to SQL', async (place, path, status) => {
        const target = join(outside, 'target.sql');
        writeFileSync(target, `-- route: GET /two\n-- title: Two\n-- chart: table\nselect '${SECRET}' as two;\n`);
        const made = link(place, target);
        try {
            expect((await server.get(path)).status).toBe(status);
            const said = await everything();
            expect(said).not.toContain(SECRET);
            expect(said).toContain('leads out of the project');
            expect(said).not.toContain(outside);
        } finally {
            rmSync(made);
        }
    });

    it('to a folder outside is refused too', async () => {
        const dashboard = join(lab.project, 'sql/lab/dashboard');
        renameSync(dashboard, `${dashboard}.kept`);
        mkdirSync(join(outside, 'figures'));
        writeFileSync(
            join(outside, 'figures/20_two.sql'),
            `-- title: Two\n-- chart: table\nselect '${SECRET}' as two;\n`,
        );
        symlinkSync(join(outside, 'figures'), dashboard);
        expect(await everything()).not.toContain(SECRET);
        rmSync(dashboard);
        renameSync(`${dashboard}.kept`, dashboard);
    });

    it('that stays in the project is followed', async () => {
        lab.write('../shared/two.sql', '-- route: GET /two\nselect 2 as two;\n');
        const made = link('api/two.sql', '../../shared/two.sql');
        expect((await server.get('/two')).text).toBe('[{"two":2}]\n');
        rmSync(made);
    });

    it.each(['/dev/zero', '/proc/self/environ'])('to %s is refused', async (target) => {
        const made = link('api/two.sql', target);
        expect(await everything()).not.toContain('PATH=');
        rmSync(made);
    });
});
