import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { elt, workFolder } from '../../support/elt.ts';
import { type LabProject, labProject, startServer, type TestServer } from '../../support/server.ts';

/** Pages without a script: the figures as tables, the index, the list of questions and figures. */

const NUMBERS = "insert into numbers values (1, 'one & <b>'), (1234567, 'two');\n";

describe('pages without a script', () => {
    let lab: LabProject;
    let server: TestServer;
    beforeAll(async () => {
        lab = await labProject({
            'dashboard/10_head.sql':
                '-- title: Head\n-- chart: number\nselect count(*) as n, 5 as all_cents from numbers;\n',
            'dashboard/20_words.sql':
                '-- title: Words\n-- chart: bar\n-- param: least integer\nselect word, n from numbers where n >= coalesce(:least, 0) order by n;\n',
            'dashboard/30_none.sql':
                '-- title: None\n-- chart: table\n-- empty: Nothing is wrong: good\nselect n from numbers where n < 0;\n',
            'dashboard/40_wrong.sql': '-- title: Wrong\n-- chart: table\nselect n from nothing;\n',
            'api/word.sql':
                '-- route: GET /word/{n}\n-- param: n integer required\n-- example: n=1\nselect word from numbers where n = :n;\n',
            'marts/unfilled.spark.sql': '-- row: a number\nselect n from stg_nothing;\n',
            'marts/unfilled.sql': '-- row: a number\n-- key: n\nselect n from stg_nothing;\n',
        });
        lab.write('../../migrations/lab/0002_numbers.sql', NUMBERS);
        expect((await elt([...lab.words, 'migrate'])).status).toBe(0);
        server = await startServer(lab.words, ['--quiet']);
    });
    afterAll(async () => {
        expect(await server.stop()).toBe(0);
    });

    const check = (html: string): void => {
        expect(html).toContain('<th scope="row">one &amp; &lt;b&gt;</th><td class="numeric">1</td>');
        expect(html).toContain('<td class="numeric">1,234,567</td>');
        expect(html).toContain('<span class="tile-label">All</span><span class="tile-value">0.05</span>');
        expect(html).toContain('Nothing is wrong: good');
        expect(html).toMatch(/class="failed">[^<]*SQLite refuses a statement/);
        expect(html).not.toMatch(/<script|<b>|<button|<form/);
    };

    test('a page as tables, with its filters', async () => {
        const { text, headers } = await server.get('/dashboard/lab/snapshot');
        check(text);
        expect(headers.get('content-security-policy')).toContain("default-src 'self'");
        expect(text).toContain('data-theme="light"');
        const some = (await server.get('/dashboard/lab/snapshot?least=2')).text;
        expect(some).toContain('Least: 2');
        expect(some).not.toContain('one &amp;');
        expect((await server.get('/dashboard/nope/snapshot')).status).toBe(404);
        const page = (await server.get('/dashboard/lab?least=2&x=%22%3E%3Cscript%3E')).text;
        const there = '/dashboard/lab/snapshot?least=2&amp;x=%22%3E%3Cscript%3E';
        expect(page).toContain(`<noscript><meta http-equiv="refresh" content="0; url=${there}"></noscript>`);
        expect(page).toContain(`<a href="${there}">`);
    });

    test('the same in a file that needs nothing else', async () => {
        const file = join(workFolder(), 'lab.html');
        const ran = await elt([...lab.words, 'serve', '--snapshot', file]);
        expect([ran.status, ran.stdout.trim()]).toEqual([
            0,
            `written  ${file}: 4 figures, 1 of which say why they failed`,
        ]);
        const html = readFileSync(file, 'utf8');
        check(html);
        expect(html).not.toMatch(/(?:src|href)=|@import|url\(/);
        const nowhere = await elt([...lab.words, 'serve', '--snapshot', join(workFolder(), 'no', 'lab.html')]);
        expect([nowhere.status, nowhere.stderr]).toEqual([2, expect.stringContaining('cannot be written')]);
    });

    test('the index says how fresh and how whole each pipeline is', async () => {
        const { text } = await server.get('/');
        for (const [name, value] of [
            ['Last run', 'none yet'],
            ['Changes landed', '0'],
            ['Put aside', '0'],
            ['Drift', 'none'],
            ['unfilled', 'not filled'],
        ]) {
            expect(text).toContain(`<dt>${name}</dt><dd>${value}</dd>`);
        }
        // A file for another engine is no table here.
        expect(text).not.toContain('unfilled.spark');
        expect((await server.get('/dashboard/nope', { accept: 'text/html' })).text).toContain('<dt>Last run</dt>');
    });

    test('the questions show an example answer, and figures are listed', async () => {
        const { text } = await server.get('/docs', { cookie: 'elt-theme=dark' });
        expect(text).toContain('[{&quot;word&quot;:&quot;one &amp; &lt;b&gt;&quot;}]');
        expect(text).toContain('GET /dashboard/lab/figures/20_words?least=');
        expect(text).toContain('data-theme="dark"');
    });
});
