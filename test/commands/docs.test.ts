import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, DESKTOP, PHONE, startBrowser, watchedPage } from '../support/browser.ts';
import { elt, eltJson, PROJECT } from '../support/elt.ts';
import { startServer } from '../support/server.ts';
import { caseProject } from '../transform/cases/case-project.ts';

const AXE = readFileSync(join(PROJECT, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');
const CASES =
    "-- case: who has bought\ninsert into current_customer (id) values ('c1');\ninsert into customer_totals (id) values ('c1');\n";

/** Names that would be something else than text if one of them were not escaped. */
const HOSTILE = `"</script><script>alert(1)</script>"`;
const HOSTILE_FILES = {
    'tests/customer_totals.case.sql': CASES.replace('who has bought', '<img src=x onerror=alert(2)>'),
    'marts/odd"><svg onload=alert(3)>.sql': `-- row: <b>bold</b> "quoted" 'single'
-- key: id
-- why: </pre></details><script>alert(4)</script>
select id, name as ${HOSTILE}, cents as "it's" from customer_totals;
`,
    'api/totals.sql': '-- row: one customer\n-- why: a test & more\nselect id, cents from customer_totals;\n',
};

async function written(
    files: Readonly<Record<string, string>> = {},
): Promise<{ readonly project: string; readonly html: string }> {
    const project = caseProject({ 'tests/customer_totals.case.sql': CASES, ...files });
    const ran = await elt(['docs', '--pipeline', 'shop', '--out', 'page.html'], { cwd: project });
    expect(ran).toMatchObject({ status: 0, stdout: 'written  page.html\n', stderr: '' });
    return { project, html: readFileSync(join(project, 'page.html'), 'utf8') };
}

describe('elt docs', () => {
    test('writes one page of all models, without a database, that asks nothing of any network', async () => {
        const { project, html } = await written();
        expect(readdirSync(project).sort()).toEqual(['migrations', 'page.html', 'sql']);
        for (const name of ['stg_orders', 'current_customer', 'customer_totals', 'good_customers', 'price_list']) {
            expect(html).toContain(`>${name}</a>`);
        }
        expect(html).toContain('the files; there was no database.');
        expect(html).toContain('<dt>Why</dt><dd>who buys</dd>');
        expect(html).toContain('customer_totals__not_its_definition');
        expect(html).toContain('who has bought');
        // The file's text, as it stands.
        expect(html).toContain('left join current_orders as orders on orders.customer = customer.id');
        expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\/|url\(|@import|fetch\(/);
    });

    test('a question or a figure that is wrong is left out, by name, and costs nothing else', async () => {
        const project = caseProject({
            'api/totals.sql': '-- row: one customer\nselect id, cents from customer_totals;\n',
            'api/unknown_key.sql': '-- row: one\n-- prm: x integer\nselect 1 as a;\n',
            'dashboard/10_pie.sql': '-- title: Pie\n-- chart: pie\nselect 1 as a;\n',
        });
        const ran = await elt(['docs', '--pipeline', 'shop', '--out', 'page.html'], { cwd: project });
        expect([ran.status, ran.stdout]).toEqual([0, 'written  page.html\n']);
        const listed = await elt(['query', '--pipeline', 'shop'], { cwd: project });
        expect([listed.status, listed.stdout.split('\n')[2]]).toEqual([0, 'totals                one customer']);
        for (const { stderr } of [ran, listed]) {
            expect(stderr.split('\n').slice(0, -1)).toEqual([
                expect.stringMatching(
                    /^note: left out, because .*unknown key "prm".* \(sql\/shop\/api\/unknown_key.sql:2\)$/,
                ),
                expect.stringMatching(/^note: left out, because .*"chart" \(sql\/shop\/dashboard\/10_pie.sql:2\)$/),
            ]);
        }
        const json = await eltJson(['query', '--pipeline', 'shop'], { cwd: project });
        expect(json).toMatchObject({ wrong: [{ code: 'SQL_HEADER' }, { code: 'SQL_HEADER' }] });
        const server = await startServer(['--pipeline', 'shop', '--project', project, '--db', join(project, 'x.db')]);
        const answer = await server.get('/models/shop');
        await server.stop();
        expect([answer.status, answer.text.includes('>customer_totals</a>')]).toEqual([200, true]);
    });

    test('--json says what is made from what, down to columns', async () => {
        const project = caseProject({});
        interface Entry {
            readonly name: string;
            readonly upstream: readonly string[];
            readonly columns: readonly {
                readonly name: string;
                readonly type: string;
                readonly sources: readonly unknown[];
                readonly isCopy: boolean;
            }[];
        }
        const { entries } = await eltJson<{ entries: readonly Entry[] }>(['docs', '--pipeline', 'shop'], {
            cwd: project,
        });
        const of = (name: string) => entries.find((entry) => entry.name === name);
        expect(of('current_orders')?.upstream).toEqual(['stg_orders']);
        expect([...(of('customer_totals')?.upstream ?? [])].sort()).toEqual(['current_customer', 'current_orders']);
        expect(of('good_customers')?.upstream).toEqual(['customer_totals']);
        expect(of('customer_totals')?.columns).toEqual([
            { name: 'id', type: 'text', sources: [{ table: 'current_customer', column: 'id' }], isCopy: true },
            { name: 'name', type: 'text', sources: [{ table: 'current_customer', column: 'name' }], isCopy: true },
            {
                name: 'orders',
                type: 'integer',
                sources: [{ table: 'current_orders', column: 'number' }],
                isCopy: false,
            },
            { name: 'cents', type: 'integer', sources: [{ table: 'current_orders', column: 'cents' }], isCopy: false },
        ]);
        expect(readdirSync(project)).toContain('shop-models.html');
    });

    test('a file that cannot be written is an error', async () => {
        const project = caseProject({});
        mkdirSync(join(project, 'page.html'));
        const ran = await elt(['docs', '--pipeline', 'shop', '--out', 'page.html'], { cwd: project });
        expect(ran.status).toBe(7);
        expect(ran.stderr).toContain('error FILE_REFUSED');
        expect((await elt(['docs', '--pipeline', 'shopp'], { cwd: project })).status).toBe(2);
    });

    test.each(['payments', 'payments_v1', 'card_spend', 'game', 'cash_flow'])(
        'of %s: every address leads somewhere',
        async (pipeline) => {
            const project = caseProject({});
            expect(
                await elt(['docs', '--pipeline', pipeline, '--project', PROJECT, '--out', 'page.html'], {
                    cwd: project,
                }),
            ).toMatchObject({ status: 0 });
            const html = readFileSync(join(project, 'page.html'), 'utf8');
            const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
            expect(new Set(ids).size).toBe(ids.length);
            const led = [...html.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
            expect(led.filter((id) => !ids.includes(id))).toEqual([]);
        },
    );
});

const chromium = chromiumPath();

describe.skipIf(chromium === null)('the page', () => {
    let browser: Browser;
    let files: Server;
    let html = '';

    beforeAll(async () => {
        browser = await startBrowser(chromium as string);
        html = (await written(HOSTILE_FILES)).html;
        files = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html)).listen(
            0,
            '127.0.0.1',
        );
        await new Promise((resolve) => files.once('listening', resolve));
    });

    afterAll(async () => {
        await browser?.close();
        files?.close();
    });

    async function shown(options: typeof DESKTOP, work: (page: Page) => Promise<void>): Promise<void> {
        const address = `http://127.0.0.1:${(files.address() as AddressInfo).port}/`;
        const { page, problems, close } = await watchedPage(browser, address, options);
        page.on('dialog', (dialog) => {
            (problems as string[]).push(`a dialog: ${dialog.message()}`);
            return dialog.dismiss();
        });
        try {
            await page.goto(address);
            await work(page);
            expect(problems).toEqual([]);
        } finally {
            await close();
        }
    }

    test('shows hostile names as they are', async () => {
        await shown(DESKTOP, async (page) => {
            const section = page.locator('section.entry', { hasText: '<b>bold</b>' }).first();
            expect(await section.locator('h2 a').textContent()).toBe('odd"><svg onload=alert(3)>');
            expect(await section.locator('tbody th').allTextContents()).toEqual([
                'id key',
                '</script><script>alert(1)</script>',
                "it's",
            ]);
            expect(await section.locator('pre').textContent()).toContain('</pre></details><script>alert(4)</script>');
            expect(await page.locator('img, iframe, b').count()).toBe(0);
            expect(await page.locator('script').count()).toBe(1);
            expect(await page.locator('svg').count()).toBe(await page.locator('.picture > svg').count());
        });
    });

    test('is searched by words, from the keyboard too', async () => {
        await shown(DESKTOP, async (page) => {
            const names = () => page.locator('section.entry:visible h2 a').allTextContents();
            const all = await names();
            await page.keyboard.press('/');
            await page.keyboard.type('discount');
            expect((await names()).sort()).toEqual(['current_customer', 'stg_customer']);
            expect(await page.locator('#found').textContent()).toBe(`2 of ${all.length}`);
            expect(await page.locator('nav li:visible').count()).toBe(2);
            await page.keyboard.type(' nothing');
            expect(await page.locator('#none').isVisible()).toBe(true);
            await page.keyboard.press('Escape');
            expect(await names()).toEqual(all);
            await page.keyboard.type('good_customers');
            await page.keyboard.press('Enter');
            expect(new URL(page.url()).hash).toBe('#mart-good_customers');
            // An address that leads to what the search hides ends the search.
            await page.evaluate("location.hash = '#mart-price_list'");
            await expect.poll(names).toEqual(all);
        });
    });

    test('opens the text of a file, and lights the lineage of a box that has the focus', async () => {
        await shown(DESKTOP, async (page) => {
            const section = page.locator('#mart-customer_totals');
            await section.locator('.facts a').click();
            // The page opens it when it hears of the new address, which may be after the click.
            await section.locator('pre').waitFor({ state: 'visible' });
            const picture = page.locator('.picture').first();
            await picture.locator('.box[data-name="customer_totals"]').focus();
            const lit = await picture
                .locator('.box.on')
                .evaluateAll((boxes) => boxes.map((box) => box.getAttribute('data-name')));
            expect(lit.sort()).toEqual([
                'current_customer',
                'current_orders',
                'customer_totals',
                'good_customers',
                'odd"><svg onload=alert(3)>',
                'stg_customer',
                'stg_orders',
            ]);
            await page.keyboard.press('Enter');
            await page.waitForURL(/#mart-customer_totals$/);
        });
    });

    test.each([
        ['light', DESKTOP],
        ['dark', DESKTOP],
        ['light', PHONE],
    ] as const)('%s %o: axe finds nothing, and nothing sticks out', async (colorScheme, size) => {
        await shown({ ...size, colorScheme }, async (page) => {
            await page.evaluate(`${AXE}; undefined`);
            const found = await page.evaluate(
                "axe.run(document).then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html].join(': ')))",
            );
            expect(found).toEqual([]);
            expect(
                await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth'),
            ).toBeLessThanOrEqual(0);
        });
    });

    test('elt serve shows it under /models, under a policy that allows nothing else', async () => {
        const project = caseProject({
            ...HOSTILE_FILES,
            'api/totals.sql': '-- route: GET /totals\nselect id, cents from customer_totals;\n',
        });
        writeFileSync(join(project, 'wal.jsonl'), '');
        expect(await elt(['migrate', '--pipeline', 'shop'], { cwd: project })).toMatchObject({ status: 0 });
        const server = await startServer([
            '--pipeline',
            'shop',
            '--project',
            project,
            '--db',
            join(project, 'shop.db'),
        ]);
        try {
            const first = await server.get('/models');
            expect(first.text).toContain('<title>Models of shop · elt</title>');
            const answer = await server.get('/models/shop');
            expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
            expect(await server.get('/models/shopp')).toMatchObject({ status: 404 });
            const { page, problems, close } = await watchedPage(browser, server.address);
            await page.goto(`${server.address}/models/shop`);
            await page.fill('#search', 'good_customers');
            expect(await page.locator('section.entry:visible').count()).toBeGreaterThan(0);
            expect(await page.locator('section.entry:visible h2 a').first().textContent()).toBe('good_customers');
            await page.goto(`${server.address}/dashboard/shop`);
            await page.click('a[href="/models/shop"]');
            expect(await page.title()).toBe('Models of shop · elt');
            expect(problems.filter((problem) => !problem.includes('404'))).toEqual([]);
            await close();
        } finally {
            await server.stop();
        }
    });
});
