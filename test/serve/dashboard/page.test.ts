import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { DESKTOP, figuresShown, PHONE, watchedPage } from '../../support/browser.ts';
import { hasSharedData } from '../../support/dashboards.ts';
import { PROJECT } from '../../support/elt.ts';
import { chromium, openPages, textOf, tile } from './open-pages.ts';

/** Using a page: filters, rows, the theme, and the keyboard. */

const PIPELINES = ['game', 'payments', 'card_spend', 'cash_flow'];
const AXE = readFileSync(join(PROJECT, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');

describe.skipIf(chromium === null || !hasSharedData())('a page in the browser', () => {
    const { on, browser, address } = openPages(PIPELINES);

    test('filters are in the address; Back and Reset restore the page', async () => {
        await on('/dashboard/game', {}, async (page) => {
            await textOf(page, tile(page, 'players'), '150');
            await page.getByLabel('Country', { exact: true }).selectOption('DE');
            await textOf(page, tile(page, 'players'), '27');
            expect(new URL(page.url()).search).toBe('?country=DE');
            await page.getByLabel('From', { exact: true }).fill('2010-05-20');
            await page.getByLabel('From', { exact: true }).blur();
            await textOf(page, tile(page, 'players'), '7');
            expect(new URL(page.url()).search).toBe('?from=2010-05-20&country=DE');
            await page.goBack();
            await textOf(page, tile(page, 'players'), '27');
            expect(await page.getByLabel('From', { exact: true }).inputValue()).toBe('');
            await page.getByRole('button', { name: 'Reset' }).click();
            await textOf(page, tile(page, 'players'), '150');
            expect(await page.getByLabel('Country', { exact: true }).inputValue()).toBe('');
        });
    });

    test('the days with their year, periods to choose, the period before, small lines, and the last day', async () => {
        await on('/dashboard/game', {}, async (page) => {
            await textOf(page, page.locator('#period'), 'Data: 8 May 2010 to 23 May 2010');
            const players = page.locator('[data-figure="10_headline"] [data-column="players"]');
            expect(await players.locator('.sparkline').count()).toBe(1);
            expect(await players.locator('.tile-change').count()).toBe(0);
            const line = page.locator('[data-figure="20_players_by_day"]');
            await textOf(page, line.locator('.note'), 'The last day may not be complete');
            await page.getByRole('button', { name: '7 days' }).click();
            await textOf(page, tile(page, 'players'), '49');
            expect(new URL(page.url()).search).toBe('?from=2010-05-17&to=2010-05-23');
            expect(await page.getByRole('button', { name: '7 days' }).getAttribute('aria-pressed')).toBe('true');
            await textOf(page, players.locator('.tile-change'), '−47 % compared with 10 May 2010 to 16 May 2010');
            await page.goto(`${address()}/dashboard/game?from=2010-05-10&to=2010-05-12`);
            await figuresShown(page);
            expect(await line.locator('.note').textContent()).toBe('');
            await page.goto(`${address()}/dashboard/game?from=2011-01-01`);
            await textOf(page, page.locator('#outside'), 'There is no data after 23 May 2010.');
            await textOf(page, tile(page, 'players'), '–');
            await textOf(page, tile(page, 'revenue_usd'), '–');
            await page.goto(`${address()}/dashboard/game?from=2010-05-12&to=2010-05-10`);
            await textOf(
                page,
                page.locator('#outside'),
                'From (2010-05-12) is after To (2010-05-10): no day is in between.',
            );
        });
    });

    test('a value leads to its rows, with the SQL that found them', async () => {
        await on('/dashboard/game?country=DE', {}, async (page) => {
            await page.locator('[data-figure="70_discarded_by_reason"] .chart').click({ position: { x: 260, y: 14 } });
            const dialog = page.getByRole('dialog');
            await textOf(page, dialog.locator('.rows-status'), 'Rows 1 to 200 of 465');
            await dialog.getByRole('button', { name: 'Next rows' }).click();
            await textOf(page, dialog.locator('.rows-status'), 'Rows 201 to 400 of 465');
            await dialog.getByRole('button', { name: 'Seq', exact: true }).click();
            await textOf(page, dialog.locator('.rows-status'), 'Rows 1 to 200 of 465');
            const firsts = await dialog.locator('tbody th').allTextContents();
            expect(firsts.map(Number)).toEqual([...firsts.map(Number)].sort((a, b) => b - a));
            expect(await dialog.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('descending');
            expect(await dialog.locator('.conditions').textContent()).toBe('Reasonlogged out');
            await dialog.getByRole('button', { name: 'SQL' }).click();
            expect(await dialog.locator('pre').textContent()).toContain('from discarded');
            const csv = await page.request.get(new URL(await hrefOf(dialog.getByText('CSV')), page.url()).href);
            expect((await csv.text()).trim().split('\r\n').length).toBe(466);
            await page.keyboard.press('Escape');
            const logins = await tile(page, 'logins').textContent();
            await tile(page, 'logins').click();
            await textOf(page, dialog.locator('.rows-status'), `${logins} rows`);
        });
    });

    test('the keyboard reaches everything, and the focus is visible', async () => {
        await on('/dashboard/game', {}, async (page) => {
            await page.keyboard.press('Tab');
            expect(await focused(page)).toBe('Skip to the figures');
            await page.keyboard.press('Enter');
            await page.keyboard.press('Tab');
            expect(await focused(page)).toContain('Players');
            const chart = page.locator('[data-figure="20_players_by_day"] .chart');
            await chart.focus();
            await page.keyboard.press('ArrowRight');
            await textOf(page, page.locator('#announcements'), '2010-05-08, Players: 18');
            await page.keyboard.press('ArrowDown');
            await page.keyboard.press('End');
            await textOf(page, page.locator('#announcements'), '2010-05-23, Logins: 4');
            await page.keyboard.press('Enter');
            await textOf(page, page.locator('.rows-status'), '4 rows');
            await page.keyboard.press('Escape');
            expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toContain(
                'Players and logins',
            );
            await page
                .locator('[data-figure="50_revenue_by_country"]')
                .getByRole('button', { name: 'Table' })
                .press('Enter');
            await page.getByRole('button', { name: 'RS', exact: true }).press('Enter');
            await textOf(page, page.locator('.conditions'), 'CountryRS');
        });
    });

    test('dark and light: the system’s setting, until the user chooses', async () => {
        await on('/dashboard/payments', { colorScheme: 'dark' }, async (page) => {
            const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
            const bar = () =>
                page
                    .locator('[data-figure="30_events_by_lifecycle"] svg path[fill^="rgb"]')
                    .first()
                    .getAttribute('fill');
            const [dark, darkBar] = [await ground(), await bar()];
            await page.getByRole('button', { name: 'Dark theme' }).click();
            expect(await ground()).not.toBe(dark);
            expect(await bar()).not.toBe(darkBar);
            await page.reload();
            await figuresShown(page);
            expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('light');
        });
    });

    test.each(PIPELINES)('%s: a phone of 360 px needs no scrolling to the side', async (pipeline) => {
        await on(`/dashboard/${pipeline}`, PHONE, async (page) => {
            expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
            // A table whose numbers are out of view is useless.
            for (const box of await page.locator('.card-body .table-box').all()) {
                const edge = await box.evaluate((one) => one.getBoundingClientRect().right);
                const figure = box.locator('tbody td.numeric').first();
                expect(await figure.evaluate((one) => one.getBoundingClientRect().right)).toBeLessThanOrEqual(edge);
            }
            await page.locator('.card').first().getByRole('button', { name: 'SQL' }).click();
            await page.locator('.tile').first().click();
            await page.locator('.rows-content tbody tr').first().waitFor();
            expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
        });
    });

    test('the page to try questions: a phone of 360 px needs no scrolling to the side', async () => {
        const watched = await watchedPage(browser(), address(), PHONE);
        await watched.page.goto(`${address()}/docs`);
        expect(await watched.page.evaluate('document.documentElement.scrollWidth')).toBe(360);
        await watched.close();
    });

    test.each([
        [360, 1],
        [1280, PIPELINES.length],
    ])('the index, %d px wide: the facts of a pipeline in its card, %d beside each other', async (width, beside) => {
        const watched = await watchedPage(browser(), address(), { ...DESKTOP, viewport: { width, height: 900 } });
        await watched.page.goto(address());
        expect(await watched.page.evaluate('document.documentElement.scrollWidth')).toBe(width);
        const tops = await watched.page.evaluate(
            "[...document.querySelectorAll('.card:has(dl)')].map((card) => card.getBoundingClientRect().top)",
        );
        expect((tops as number[]).filter((top) => top === (tops as number[])[0])).toHaveLength(beside);
        expect(watched.problems).toEqual([]);
        await watched.close();
    });

    test.each(PIPELINES)('%s: headline numbers are never wrapped or cut', async (pipeline) => {
        await on(`/dashboard/${pipeline}`, {}, async (page) => {
            for (const width of [360, 700, 1000, 1280]) {
                await page.setViewportSize({ width, height: 900 });
                const values = await page.locator('.tile-value').evaluateAll((all) =>
                    all.map((one) => {
                        const range = one.ownerDocument.createRange();
                        range.selectNodeContents(one);
                        const isInside = one.scrollWidth <= one.clientWidth;
                        return { text: one.textContent, lines: range.getClientRects().length, isInside };
                    }),
                );
                expect(values.length).toBeGreaterThan(0);
                const broken = values.filter(({ lines, isInside }) => lines !== 1 || !isInside);
                expect({ width, broken }).toEqual({ width, broken: [] });
            }
        });
    });

    test('a single series has its name if there can be several', async () => {
        await on('/dashboard/payments', {}, async (page) => {
            const card = page.locator('.card', { hasText: 'Amounts by currency and day' });
            await expect.poll(() => card.locator('.legend li').allTextContents()).toEqual(['GBP']);
            expect(await card.locator('.legend').isVisible()).toBe(true);
        });
    });

    test('a browser without JavaScript gets the tables, with the filters of its address', async () => {
        const context = await browser().newContext({ javaScriptEnabled: false });
        const page = await context.newPage();
        await page.goto(`${address()}/dashboard/game?country=DE`);
        await page.waitForURL('**/dashboard/game/snapshot?country=DE');
        expect(await page.getByText('Country: DE').isVisible()).toBe(true);
        expect(await page.locator('tbody tr').count()).toBeGreaterThan(10);
        await context.close();
    });

    test('the rows behind payments say their amounts in the currency of each', async () => {
        await on('/dashboard/payments', {}, async (page) => {
            await page.locator('.tile').first().click();
            const heads = page.locator('.rows-content thead th');
            await heads.first().waitFor();
            const at = (await heads.allTextContents()).indexOf('Amount');
            const amounts = await page.locator(`.rows-content tbody tr > :nth-child(${at + 1})`).allTextContents();
            expect(amounts.filter((text) => !/^(?:£[\d,]+\.\d\d|–)$/.test(text))).toEqual([]);
            expect(amounts.some((text) => text.startsWith('£'))).toBe(true);
        });
    });

    test('merchant types are chosen and shown by their names', async () => {
        await on('/dashboard/card_spend?merchantTypeCode=5732', {}, async (page) => {
            const chosen = page.locator('#filter-merchantTypeCode option:checked');
            await expect.poll(() => chosen.textContent()).toBe('5732 Electronics');
            await textOf(page, page.locator('#applied'), 'Merchant type code: 5732 Electronics');
            const card = page.locator('[data-figure="30_net_by_merchant_type"]');
            await card.getByRole('button', { name: 'Table' }).click();
            await textOf(page, card.locator('tbody th'), '5732 Electronics');
            await card.locator('tbody th button').click();
            await page.locator('.rows-content tbody tr').first().waitFor();
            expect(await page.locator('.rows-content tbody tr').count()).toBe(103);
        });
    });

    test.each([
        ['light', 'game', {}],
        ['dark', 'payments', {}],
        ['light', 'card_spend', PHONE],
        ['dark', 'cash_flow', PHONE],
    ] as const)('%s %s: axe finds nothing', async (colorScheme, pipeline, size) => {
        await on(`/dashboard/${pipeline}`, { colorScheme, ...size }, async (page) => {
            for (const button of await page.getByRole('button', { name: /^(SQL|Table):/ }).all()) {
                await button.click();
            }
            expect(await axe(page)).toEqual([]);
            await page.locator('.tile').first().click();
            await page.locator('.rows-content tbody tr').first().waitFor();
            expect(await axe(page)).toEqual([]);
        });
    });
});

async function hrefOf(link: ReturnType<Page['locator']>): Promise<string> {
    return (await link.getAttribute('href')) ?? '';
}

function focused(page: Page): Promise<string> {
    return page.evaluate('document.activeElement.textContent');
}

/** Every violation, as text. The debugger injects the script, past the page's policy. */
async function axe(page: Page): Promise<readonly string[]> {
    await page.evaluate(`${AXE}; undefined`);
    return await page.evaluate(
        `axe.run(document).then(({ violations }) => violations.flatMap(({ id, impact, nodes }) =>
            nodes.map(({ target, failureSummary }) => [impact, id, target, failureSummary].join(' '))))`,
    );
}
