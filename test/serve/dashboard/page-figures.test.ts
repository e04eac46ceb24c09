import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { partsOf } from '../../../src/serve/browser/currencies.ts';
import type { FigureData } from '../../../src/serve/browser/fetch-figures.ts';
import { cellText, formatValue, kindOf, unitOfRow } from '../../../src/serve/browser/format.ts';
import { plotOf } from '../../../src/serve/browser/plot.ts';
import { AskFigures } from '../../support/ask-figures.ts';
import { chromiumPath, figuresShown, startBrowser, type WatchedPage, watchedPage } from '../../support/browser.ts';
import {
    type DashboardServer,
    filledDatabases,
    hasSharedData,
    SOURCES,
    serveDashboards,
} from '../../support/dashboards.ts';
import { eltJson, PROJECT } from '../../support/elt.ts';

/** What every figure of every page shows in a browser, compared with the same question in `elt query`. */

const chromium = chromiumPath();
if (chromium === null) {
    console.warn('skipped: there is no chromium on this machine (apt-get install chromium)');
}

const FILTERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    payments: { currency: 'GBP' },
    payments_v1: { currency: 'USD' },
    card_spend: { from: '2023-03-20', merchantTypeCode: '5732' },
    game: { from: '2010-05-10', to: '2010-05-20', country: 'DE' },
    cash_flow: { from: '2020-08-30', to: '2020-09-02' },
};

interface Listed {
    readonly name: string;
    readonly chart: string;
    readonly title: string;
}

type Row = Readonly<Record<string, string | number | null>>;

describe.skipIf(chromium === null || !hasSharedData())('every figure equals "elt query"', () => {
    let folder: string;
    let server: DashboardServer;
    let browser: Browser;
    let asked: AskFigures;
    beforeAll(async () => {
        folder = await filledDatabases();
        asked = new AskFigures(folder);
        server = await serveDashboards(folder);
        browser = await startBrowser(chromium as string);
    });
    afterAll(async () => {
        asked?.close();
        await browser?.close();
        await server?.close();
    });

    const query = <T>(pipeline: string, words: readonly string[]): Promise<T> =>
        eltJson<T>(['--project', PROJECT, '--pipeline', pipeline, 'query', ...words], { cwd: folder });

    const cases = Object.keys(SOURCES).flatMap((pipeline) => [
        [pipeline, {}] as const,
        [pipeline, FILTERS[pipeline] as Readonly<Record<string, string>>] as const,
    ]);

    test.each(cases)('%s %o', async (pipeline, filters) => {
        const { figures } = await query<{ figures: readonly Listed[] }>(pipeline, []);
        const watched = await open(`${server.address}/dashboard/${pipeline}?${new URLSearchParams(filters)}`);
        try {
            const shown = await watched.page.locator('.card h2').allTextContents();
            expect(shown).toEqual(figures.map(({ title }) => title));
            for (const figure of figures) {
                // The command itself without filters; with filters the functions that it calls, which is faster.
                const rows =
                    Object.keys(filters).length === 0
                        ? await query<readonly Row[]>(pipeline, [figure.name])
                        : asked.figure(pipeline, figure.name.replace('dashboard/', ''), filters);
                await compare(watched.page, figure, rows as readonly Row[]);
            }
            expect(watched.problems).toEqual([]);
        } finally {
            await watched.close();
        }
    });

    async function open(address: string): Promise<WatchedPage> {
        const watched = await watchedPage(browser, address);
        await watched.page.goto(address);
        await figuresShown(watched.page);
        return watched;
    }
});

/** Compares one card with the rows of the question: its numbers, its table and its chart. */
async function compare(page: Page, { name, chart }: Listed, rows: readonly Row[]): Promise<void> {
    const figureName = name.replace('dashboard/', '');
    const card = page.locator(`[data-figure="${figureName}"]`);
    const answer = (await page.evaluate(
        `fetch(location.pathname + '/data' + location.search).then((all) => all.json())
            .then((all) => all.figures.find((one) => one.name === ${JSON.stringify(figureName)}))`,
    )) as FigureData;
    const figure = { ...answer, rows: rows.map((row) => Object.values(row)) };
    if (rows.length === 0) {
        expect(await card.locator('.empty').textContent()).toBe(answer.empty ?? 'Nothing here for these filters');
        return;
    }
    expect(answer.columns).toEqual(Object.keys(rows[0] ?? {}));
    if (chart === 'number') {
        const tiles = await card.locator('.tile-value').allTextContents();
        expect(tiles).toEqual(
            Object.entries(rows[0] ?? {}).map(([column, value]) => formatValue(value, kindOf(column, answer.unit))),
        );
    }
    if (chart === 'line' || chart === 'bar') {
        const drawn = await page.evaluate(
            `import(document.documentElement.dataset.charts).then((library) =>
                [...document.querySelectorAll('[data-figure="${figureName}"] .chart')].flatMap((chart) => library
                .getInstanceByDom(chart).getOption().series.filter(({ silent }) => silent !== true).map(({ name, data }) => ({ name, values: data.map((one) => one?.value ?? one) }))))`,
        );
        // Amounts of different currencies have an axis each.
        expect(drawn).toEqual(
            partsOf(figure).flatMap((part) =>
                plotOf(part.figure).series.map(({ name: series, values }) => ({ name: series, values })),
            ),
        );
    }
    if (chart !== 'table') {
        await card.getByRole('button', { name: 'Table' }).click();
    }
    const cells = await page.evaluate(
        `[...document.querySelectorAll('[data-figure="${figureName}"] tbody tr')]
            .map((row) => [...row.children].map((cell) => cell.textContent))`,
    );
    expect(cells).toEqual(
        rows.map((row) =>
            Object.entries(row).map(([column, value], at) =>
                cellText(value, column, at === 0, unitOfRow(answer.unit, answer.columns, Object.values(row))),
            ),
        ),
    );
}
