import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { chromiumPath, DESKTOP, figuresShown, startBrowser, watchedPage } from '../../support/browser.ts';
import { type DashboardServer, filledDatabases, serveDashboards } from '../../support/dashboards.ts';

export const chromium = chromiumPath();

/** Pages of filled pipelines in a browser, for the tests of a `describe`. */
export function openPages(pipelines: readonly string[]) {
    let folder: string;
    let server: DashboardServer;
    let browser: Browser;
    beforeAll(async () => {
        folder = await filledDatabases(pipelines);
        server = await serveDashboards(folder, pipelines);
        browser = await startBrowser(chromium as string);
    });
    afterAll(async () => {
        await browser?.close();
        await server?.close();
    });

    /** Opens a page for `work`, and expects no error meanwhile. */
    const on = async (path: string, options: object, work: (page: Page) => Promise<void>): Promise<void> => {
        const watched = await watchedPage(browser, server.address, { ...DESKTOP, ...options });
        try {
            await watched.page.goto(server.address + path);
            await figuresShown(watched.page);
            await work(watched.page);
            expect(watched.problems).toEqual([]);
        } finally {
            await watched.close();
        }
    };
    return { on, folder: () => folder, browser: () => browser, address: () => server.address };
}

/** The number of a headline tile. */
export const tile = (page: Page, column: string) =>
    page.locator(`[data-figure="10_headline"] [data-column="${column}"] .tile-value`);

/** Waits until the element says so. */
export async function textOf(page: Page, place: ReturnType<Page['locator']>, text: string): Promise<void> {
    await expect.poll(() => place.textContent(), { timeout: 10_000 }).toBe(text);
    expect(page.isClosed()).toBe(false);
}
