import { cpSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, figuresShown, PHONE, startBrowser, watchedPage } from '../../support/browser.ts';
import { serveDashboards } from '../../support/dashboards.ts';
import { elt, PROJECT, workFolder } from '../../support/elt.ts';

/** Pages with odd data. */

const chromium = chromiumPath();
const HEAD = 'user_id,transaction_type,merchant_type_code,amount_cents,datetime';
const NAMES = [
    '<img src=x onerror=alert(1)>',
    '"><script>alert(1)</script>',
    "' or 1 = 1 --",
    '{a|rich} {value}',
    '&amp; &lt;',
    'x'.repeat(300),
    'a name of many words that goes on and on and on until it needs several lines of a label',
    'Ünïcode 数 \u202eback\u202c 🂡',
    '',
];

describe.skipIf(chromium === null)('a page of odd data', () => {
    let browser: Browser;
    beforeAll(async () => {
        browser = await startBrowser(chromium as string);
    });
    afterAll(() => browser?.close());

    const projectOf = (): string => {
        const project = workFolder();
        cpSync(join(PROJECT, 'sql', 'card_spend'), join(project, 'sql', 'card_spend'), { recursive: true });
        cpSync(join(PROJECT, 'migrations'), join(project, 'migrations'), { recursive: true });
        return project;
    };
    const run = async (project: string, lines: readonly string[], db = 'card_spend.db'): Promise<void> => {
        writeFileSync(join(project, 'combined_transactions.csv'), [HEAD, ...lines].join('\n'));
        const words = [
            '--project',
            project,
            '--pipeline',
            'card_spend',
            '--db',
            db,
            'run',
            'combined_transactions.csv',
        ];
        expect((await elt(words, { cwd: project })).status).toBe(0);
    };

    test('names are text everywhere, and lead to their rows', async () => {
        const project = projectOf();
        await run(
            project,
            NAMES.map((name, index) => {
                const quoted = `"${name.replaceAll('"', '""')}"`;
                return `${index},PurchaseActivity,${quoted},${900_719_925_474_099 - index},2024-05-01 09:12:4${index}`;
            }),
        );
        const server = await serveDashboards(project, ['card_spend'], project);
        const watched = await watchedPage(browser, server.address, PHONE);
        try {
            const { page } = watched;
            await page.goto(`${server.address}/dashboard/card_spend?merchantTypeCode=`);
            await figuresShown(page);
            const card = page.locator('[data-figure="30_net_by_merchant_type"]');
            await card.getByRole('button', { name: 'Table' }).click();
            expect(await card.locator('tbody th').allTextContents()).toEqual(NAMES);
            expect(await page.locator('main img, main script').count()).toBe(0);
            expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
            for (const name of NAMES.slice(0, 5)) {
                await card.getByRole('button', { name, exact: true }).click();
                await expect.poll(() => page.locator('.rows-status').textContent()).toMatch(/^1 row(?: ·|$)/);
                expect(await page.locator('.conditions li').textContent()).toBe(`Merchant type${name}`);
                expect(await page.locator('.rows-content tbody td').allTextContents()).toContain(name);
                await page.keyboard.press('Escape');
            }
            await page.getByLabel('Merchant type code', { exact: true }).selectOption(NAMES[1] as string);
            const holders = page.locator('[data-column="card_holders"] .tile-value');
            await expect.poll(() => holders.textContent()).toBe('1');
            expect(watched.problems).toEqual([]);
        } finally {
            await watched.close();
            await server.close();
        }
    });

    test('a figure that fails shows why in its place, and a long one shows its beginning', async () => {
        const project = projectOf();
        await run(project, ['1,PurchaseActivity,0742,1250,2024-05-01 09:12:44']);
        const folder = join(project, 'sql', 'card_spend', 'dashboard');
        writeFileSync(join(folder, '12_wrong.sql'), '-- title: Wrong\n-- chart: line\nselect nothing from nowhere;\n');
        writeFileSync(join(folder, '13_wrong_head.sql'), '-- chart: line\nselect 1;\n');
        const numbers =
            'with recursive n (i) as (select 1 union all select i + 1 from n where i < 1200) select i from n;';
        writeFileSync(join(folder, '14_long.sql'), `-- title: Long\n-- chart: table\n${numbers}\n`);
        const server = await serveDashboards(project, ['card_spend'], project);
        const { page, problems, close } = await watchedPage(browser, server.address);
        try {
            await page.goto(`${server.address}/dashboard/card_spend`);
            await figuresShown(page);
            const names = ['At a glance', 'Wrong', '13_wrong_head', 'Long', 'Net spending by day'];
            expect((await page.locator('.card h2').allTextContents()).slice(0, 5)).toEqual(names);
            const said = (name: string) => page.locator(`[data-figure="${name}"] .failed`).textContent();
            expect(await said('12_wrong')).toMatch(/^SQL_STATEMENT.*select nothing from nowhere/s);
            expect(await said('13_wrong_head')).toContain('SQL_HEADER');
            const long = page.locator('[data-figure="14_long"]');
            expect(await long.locator('tbody tr').count()).toBe(500);
            expect(await long.locator('.note').textContent()).toBe('The first 500 of 1,200 rows; the CSV has all');
            expect(await page.locator('[data-column="net_cents"] .tile-value').textContent()).toBe('$12.50');
            expect(problems).toEqual([]);
        } finally {
            await close();
            await server.close();
        }
    });

    test('a database that does not exist yet: the page says so, and shows it when it is created', async () => {
        const project = projectOf();
        const server = await serveDashboards(project, ['card_spend'], project);
        const { page, close } = await watchedPage(browser, server.address);
        try {
            await page.goto(`${server.address}/dashboard/card_spend`);
            await page.locator('#problem:not([hidden])').waitFor();
            expect(await page.locator('#problem').textContent()).toContain('does not exist yet');
            await run(project, ['1,PurchaseActivity,0742,1250,2024-05-01 09:12:44'], 'made.db');
            renameSync(join(project, 'made.db'), join(project, 'card_spend.db'));
            const net = page.locator('[data-column="net_cents"] .tile-value');
            await expect.poll(() => net.textContent({ timeout: 10_000 }), { timeout: 15_000 }).toBe('$12.50');
            await expect.poll(() => page.locator('#problem').isHidden()).toBe(true);
        } finally {
            await close();
            await server.close();
        }
    });

    test('a server that stops and starts again: the page says so, and updates itself', async () => {
        const project = projectOf();
        await run(project, ['1,PurchaseActivity,0742,1250,2024-05-01 09:12:44']);
        const first = await serveDashboards(project, ['card_spend'], project);
        const { page, close } = await watchedPage(browser, first.address);
        const port = new URL(first.address).port;
        try {
            await page.goto(`${first.address}/dashboard/card_spend`);
            await figuresShown(page);
            await expect.poll(() => page.locator('#live-text').textContent()).toBe('Live');
            await first.close();
            await expect.poll(() => page.locator('#live-text').textContent()).toBe('Not connected');
            await run(project, [
                '1,PurchaseActivity,0742,1250,2024-05-01 09:12:44',
                '2,PurchaseActivity,0742,50,2024-05-02 10:00:00',
            ]);
            const second = await serveDashboards(project, ['card_spend'], project, port);
            const net = page.locator('[data-column="net_cents"] .tile-value');
            await expect.poll(() => net.textContent(), { timeout: 20_000 }).toBe('$13.00');
            expect(await page.locator('#live-text').textContent()).toBe('Live');
            await second.close();
        } finally {
            await close();
        }
    });
});
