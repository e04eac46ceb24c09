import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { hasSharedData } from '../../support/dashboards.ts';
import { elt, PROJECT } from '../../support/elt.ts';
import { chromium, openPages, textOf, tile } from './open-pages.ts';

/** A page that is left open: new runs, another tab, and a server that answers something else. */

describe.skipIf(chromium === null || !hasSharedData())('a page that is left open', () => {
    const { on, folder } = openPages(['game', 'cash_flow']);

    test('a new run is shown by itself: filters, scroll position and open panels stay', async () => {
        await on('/dashboard/game?country=DE', {}, async (page) => {
            await textOf(page, page.locator('#live-text'), 'Live');
            const card = page.locator('[data-figure="70_discarded_by_reason"]');
            await card.getByRole('button', { name: 'Table' }).click();
            await page.evaluate('globalThis.isTheSamePage = true; scrollTo(0, 400)');
            const place = await page.evaluate('scrollY');
            const event = { event_id: 900_001, event_timestamp: 1_273_354_000, event_type: 'logout' };
            const user = { user_id: 'nobody' };
            writeFileSync(join(folder(), 'events-2.jsonl'), `${JSON.stringify({ ...event, event_data: user })}\n`);
            const words = ['--project', PROJECT, '--pipeline', 'game', 'run', 'events-2.jsonl'];
            expect((await elt(words, { cwd: folder() })).status).toBe(0);
            await textOf(page, card.locator('tbody tr').filter({ hasText: 'not registered' }).locator('td'), '51');
            await expect
                .poll(() => page.locator('#announcements').textContent(), { timeout: 10_000 })
                .toBe('New data. 1 figure changed.');
            expect(await page.evaluate('globalThis.isTheSamePage')).toBe(true);
            expect(await page.evaluate('scrollY')).toBe(place);
            expect(await page.getByLabel('Country', { exact: true }).inputValue()).toBe('DE');
            expect(await tile(page, 'players').textContent()).toBe('27');
        });
    });

    test('a hidden page releases its connection, and reads its data again afterwards', async () => {
        await on('/dashboard/cash_flow', {}, async (page) => {
            await textOf(page, page.locator('#live-text'), 'Live');
            await seen(page, false);
            await textOf(page, page.locator('#live-text'), 'Paused');
            const message = {
                ...{
                    transaction_id: '2f6debfd-3d68-43c3-ae64-e9089dbed600',
                    amount: 100,
                    inserted_at: 1_598_227_738_000,
                },
                ...{ account_id: '75e3e297-1aee-4f54-bca5-9fa97956a590' },
                ...{ counterparty_account_id: 'b31bd019-3868-4f51-9e8a-d64718bb75a5' },
            };
            writeFileSync(join(folder(), 'cash_outs_created-2.json'), JSON.stringify([message]));
            const words = ['--project', PROJECT, '--pipeline', 'cash_flow', 'run', 'cash_outs_created-2.json'];
            expect((await elt(words, { cwd: folder() })).status).toBe(0);
            expect(await tile(page, 'pending').textContent()).toBe('0');
            await seen(page, true);
            await textOf(page, tile(page, 'pending'), '1');
            await textOf(page, page.locator('#live-text'), 'Live');
        });
    });

    test('what cannot be shown is explained, and the rest stays', async () => {
        await on('/dashboard/game', {}, async (page) => {
            await page.route('**/data*', (route) =>
                route.fulfill({ status: 200, contentType: 'application/json', body: '{"error"' }),
            );
            await page.getByLabel('Country', { exact: true }).selectOption('DE');
            await page.locator('#problem:not([hidden])').waitFor();
            expect(await page.locator('.card').count()).toBe(7);
        });
    });
});

/** Simulates that another tab is selected, or this one again. */
async function seen(page: Page, isSeen: boolean): Promise<void> {
    await page.evaluate(
        `Object.defineProperty(document, 'hidden', { configurable: true, value: ${!isSeen} });
         document.dispatchEvent(new Event('visibilitychange'))`,
    );
}
