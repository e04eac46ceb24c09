import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { momentText } from '../../../src/serve/browser/moment.ts';
import { delayMs } from '../../../src/serve/browser/retry-later.ts';
import { chromiumPath, figuresShown, startBrowser, watchedPage } from '../../support/browser.ts';
import { elt } from '../../support/elt.ts';
import { type LabProject, labProject, startServer, type TestServer } from '../../support/server.ts';

/** A page is never blank: what is missing has its place, what is old says so, and what failed is tried again. */

const chromium = chromiumPath();
const PATIENT = { timeout: 20_000 } as const;
const ENDLESS = 'with recursive c(n) as (select 1 union all select n + 1 from c) select count(*) as n from c';
const figure = (title: string, sql: string, chart = 'number', head = ''): string =>
    `-- title: ${title}\n-- chart: ${chart}\n-- why: to be seen\n${head}${sql};\n`;

describe.skipIf(chromium === null)('a page that something goes wrong with', () => {
    let browser: Browser;
    let lab: LabProject;
    let server: TestServer;
    let rows = 1;

    beforeAll(async () => {
        lab = await labProject({
            'dashboard/10_count.sql': figure('How many', 'select count(*) as rows_there from numbers'),
            'dashboard/20_of_word.sql': figure(
                'Of a word',
                'select count(*) as with_word from numbers where :word is null or word = :word',
                'number',
                '-- param: word text\n',
            ),
            'dashboard/30_chart.sql': figure('A chart', 'select word, n from numbers order by n', 'bar'),
        });
        await addRow();
        // A run of the models, so that there is a time of which figures are.
        lab.write(
            'marts/twice.sql',
            '-- row: a number\ncreate table if not exists twice (n integer not null primary key) strict;\ninsert into twice select n * 2 from numbers where true on conflict do nothing;\n',
        );
        expect((await elt([...lab.words, 'transform'])).status).toBe(0);
        server = await startServer(lab.words, ['--quiet', '--timeout-ms', '2000']);
        browser = await startBrowser(chromium as string);
    });
    afterAll(async () => {
        await browser?.close();
        await server?.stop();
    });

    async function addRow(): Promise<void> {
        rows++;
        lab.write(
            `../../migrations/lab/00${10 + rows}_row.sql`,
            `insert into numbers (n, word) values (${rows}, 'w${rows}');\n`,
        );
        expect((await elt([...lab.words, 'migrate'])).status).toBe(0);
    }

    /** `answer` stands in for the server on the way to its data; undefined: the server itself answers. */
    async function on(
        answer: ((route: Route, request: number) => Promise<void> | undefined) | null,
        work: (page: Page, requests: () => number) => Promise<void>,
        path = '/dashboard/lab',
    ): Promise<void> {
        const watched = await watchedPage(browser, server.address);
        let requests = 0;
        await watched.page.route('**/data*', async (route) => {
            requests++;
            await (answer?.(route, requests) ?? route.continue());
        });
        try {
            await watched.page.goto(server.address + path);
            await work(watched.page, () => requests);
            expect(watched.problems.filter((one) => !/status of (503|504)|ERR_|Failed to load/.test(one))).toEqual([]);
        } finally {
            await watched.close();
        }
    }

    const busy = (route: Route): Promise<void> =>
        route.fulfill({
            status: 503,
            headers: { 'retry-after': '1' },
            contentType: 'application/problem+json',
            body: JSON.stringify({ error: 'no reader was free in time', code: 'SERVER_BUSY', status: 503 }),
        });
    const tile = (page: Page, column: string) => page.locator(`[data-column="${column}"] .tile-value`);
    const note = (page: Page, name: string) => page.locator(`[data-figure="${name}"] .as-of`);

    test('before anything is read, every figure has its place and its heading', async () => {
        await on(
            async (route) => {
                await new Promise((resolve) => setTimeout(resolve, 1_500));
                await route.continue();
            },
            async (page) => {
                expect(await page.locator('.card h2').allTextContents()).toEqual(['How many', 'Of a word', 'A chart']);
                expect(await page.locator('.card[aria-busy="true"] .skeleton').count()).toBe(3);
                expect(await page.locator('.card .why').first().textContent()).toBe('to be seen');
                const before = await page.locator('[data-figure="10_count"]').boundingBox();
                await figuresShown(page);
                expect(await page.locator('.skeleton').count()).toBe(0);
                const after = await page.locator('[data-figure="10_count"]').boundingBox();
                // What comes pushes little away.
                expect(Math.abs((after?.height ?? 0) - (before?.height ?? 0))).toBeLessThan(80);
            },
        );
    });

    test('the places are there without any script', async () => {
        const { text } = await server.get('/dashboard/lab');
        expect(text).toMatch(/<h2 id="figure-10_count">How many<\/h2>/);
    });

    test('a server that is busy at first: the page says so, asks again, and shows the figures', async () => {
        await on(
            (route, request) => (request <= 2 ? busy(route) : undefined),
            async (page, requests) => {
                await expect
                    .poll(() => page.locator('#problem').textContent(), PATIENT)
                    .toBe('No reader was free in time. Trying again.');
                await expect.poll(() => tile(page, 'rows_there').textContent(), PATIENT).toBe(String(rows - 1));
                await expect.poll(() => page.locator('#problem').isHidden(), PATIENT).toBe(true);
                expect(requests()).toBe(3);
            },
        );
    });

    test('a server that is busy when a run ends: the figures stay, and say of when they are', async () => {
        let isBusy = false;
        await on(
            (route) => (isBusy ? busy(route) : undefined),
            async (page) => {
                await figuresShown(page);
                const shown = await tile(page, 'rows_there').textContent();
                isBusy = true;
                await addRow();
                await expect
                    .poll(() => note(page, '10_count').textContent(), PATIENT)
                    .toMatch(/^As of \d\d:\d\d: no reader was free in time/);
                expect(await tile(page, 'rows_there').textContent()).toBe(shown);
                expect(await page.locator('#problem').textContent()).toMatch(
                    /^No reader was free in time\. The figures are those of \d\d:\d\d\. Trying again\.$/,
                );
                isBusy = false;
                await expect.poll(() => tile(page, 'rows_there').textContent(), PATIENT).toBe(String(rows - 1));
                await expect.poll(() => note(page, '10_count').isHidden(), PATIENT).toBe(true);
            },
        );
    });

    test('one figure that takes too long: the others are there, it says why, and comes when it can', async () => {
        lab.write('dashboard/15_slow.sql', figure('Slow', ENDLESS));
        await on(null, async (page) => {
            await figuresShown(page);
            expect(await tile(page, 'rows_there').textContent()).toBe(String(rows - 1));
            const failed = page.locator('[data-figure="15_slow"] .failed');
            expect(await failed.textContent()).toMatch(/TIME_LIMIT.*longer than 2000 ms.*Trying again/s);
            expect(await page.locator('#problem').isHidden()).toBe(true);
            lab.write('dashboard/15_slow.sql', figure('Slow', 'select 7 as seven'));
            await expect.poll(() => tile(page, 'seven').textContent(), PATIENT).toBe('7');
            // It was shown once: from now on it is kept.
            lab.write('dashboard/15_slow.sql', figure('Slow', ENDLESS));
            await addRow();
            await expect
                .poll(() => note(page, '15_slow').textContent(), PATIENT)
                .toMatch(/^As of .*longer than 2000 ms/);
            expect(await tile(page, 'seven').textContent()).toBe('7');
            expect(await tile(page, 'rows_there').textContent()).toBe(String(rows - 1));
        });
        lab.write('dashboard/15_slow.sql', figure('Slow', 'select 7 as seven'));
    });

    test('what was shown for other filters is not kept for these', async () => {
        let isBusy = false;
        await on(
            (route) => (isBusy ? busy(route) : undefined),
            async (page) => {
                await figuresShown(page);
                isBusy = true;
                await page.getByLabel('Word', { exact: true }).fill('w2');
                await page.getByLabel('Word', { exact: true }).blur();
                await expect.poll(() => page.locator('#problem').isHidden(), PATIENT).toBe(false);
                isBusy = false;
                await expect.poll(() => tile(page, 'with_word').textContent(), PATIENT).toBe('1');
            },
        );
    });

    test('an answer that breaks off is asked for again', async () => {
        await on(
            (route, request) =>
                request === 1
                    ? route.fulfill({
                          contentType: 'application/x-ndjson',
                          body: '{"page":{"pipeline":"lab","version":"1","last_run":{"finished_at":null},"parameters":[],"figures":[],"ignored":[]}}\n',
                      })
                    : undefined,
            async (page) => {
                await expect.poll(() => page.locator('#problem').textContent(), PATIENT).toContain('ended early');
                await expect.poll(() => tile(page, 'rows_there').textContent(), PATIENT).toBe(String(rows - 1));
            },
        );
    });

    test.each([
        ['nosuch=1', 'Left out: nosuch=1 (this page has no such filter).', ''],
        ['from=notadate&word=w2', 'Left out: from=notadate (must be a date as 2010-12-31).', '?word=w2'],
        ['word=w99', 'Left out: word=w99 (it is none of the choices).', ''],
    ])('a link with ?%s: the page without that, and a word', async (search, said, left) => {
        lab.write('dashboard/word.options.sql', '-- row: a word\nselect word from numbers order by n;\n');
        lab.write('dashboard/25_from.sql', figure('From', 'select :from as since', 'table', '-- param: from date\n'));
        await on(
            null,
            async (page) => {
                await figuresShown(page);
                expect(await page.locator('#notice').textContent()).toBe(said);
                expect(await page.locator('.failed').count()).toBe(0);
                expect(new URL(page.url()).search).toBe(left);
                const tables = (await server.get(`/dashboard/lab/snapshot?${search}`)).text;
                expect(tables).toContain(`<p id="notice">${said}</p>`);
                await page.getByLabel('Word', { exact: true }).selectOption('w3');
                await expect.poll(() => page.locator('#notice').isHidden(), PATIENT).toBe(true);
            },
            `/dashboard/lab?${search}`,
        );
    });

    test('an unknown pipeline is a page that lists those there are; for programs it is JSON', async () => {
        const page = await server.get('/dashboard/n%3Cb%3Eope', { accept: 'text/html,*/*' });
        expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
        expect(page.text).toContain('There is no pipeline “n&lt;b&gt;ope” here');
        expect(page.text).toContain('href="/dashboard/lab"');
        expect((await server.get('/dashboard/nope')).json()).toMatchObject({ code: 'NOT_FOUND', status: 404 });
    });

    test.each([
        ['/n%3Cb%3Eope', 'page “/n&lt;b&gt;ope”'],
        ['/dashboard', 'page “/dashboard”'],
        ['/dashboard/lab/', 'page “/dashboard/lab/”'],
        ['/dashboard/nope/snapshot', 'pipeline “nope”'],
        ['/models/nope', 'pipeline “nope”'],
    ])('so is %s', async (path, words) => {
        const page = await server.get(path, { accept: 'text/html,*/*' });
        expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
        expect(page.text).toContain(`There is no ${words} here`);
        expect((await server.get(path)).json()).toMatchObject({ code: 'NOT_FOUND', status: 404 });
    });

    test('on paper, also of a dark page: light, without controls, with the filters as text', async () => {
        await on(
            null,
            async (page) => {
                await page.getByRole('button', { name: 'Dark theme' }).click();
                await figuresShown(page);
                await page.emulateMedia({ media: 'print' });
                const colour = (element: string): Promise<string> =>
                    page.evaluate(`getComputedStyle(document.querySelector('${element}')).backgroundColor`);
                expect([await colour('body'), await colour('.card')]).toEqual([
                    'rgb(255, 255, 255)',
                    'rgb(255, 255, 255)',
                ]);
                expect(await page.locator('#filters').isVisible()).toBe(false);
                expect(await page.locator('.card-foot').first().isVisible()).toBe(false);
                expect(await page.locator('#applied').textContent()).toBe('Word: w2');
                expect(await page.locator('#applied').isVisible()).toBe(true);
            },
            '/dashboard/lab?word=w2',
        );
    });

    test('with forced colours, lines are told apart by dashes and colours', async () => {
        const lines =
            "select '2024-01-0' || n as day, 'a' as kind, n as v from numbers where n < 4 union all select '2024-01-0' || n, 'b', n * 2 from numbers where n < 4";
        lab.write('dashboard/35_lines.sql', figure('Lines', lines, 'line', '-- series: kind\n'));
        const watched = await watchedPage(browser, server.address, { forcedColors: 'active', reducedMotion: 'reduce' });
        try {
            await watched.page.goto(`${server.address}/dashboard/lab`);
            await figuresShown(watched.page);
            await watched.page.locator('[data-figure="35_lines"] .chart svg').waitFor();
            const strokes = await watched.page.evaluate(
                `[...document.querySelectorAll('[data-figure="35_lines"] .chart svg path[fill="none"]')]
                    .map((path) => [path.getAttribute('stroke'), path.getAttribute('stroke-dasharray')].join(' '))
                    .filter((stroke) => !/^(null|none)/.test(stroke))`,
            );
            expect(new Set(strokes as string[]).size).toBeGreaterThanOrEqual(2);
            expect((strokes as string[]).some((stroke) => stroke.includes(','))).toBe(true);
            // The legend shows which dashes are whose.
            const samples = watched.page.locator('[data-figure="35_lines"] .legend line');
            const shown = await samples.evaluateAll((all) => all.map((one) => one.getAttribute('stroke-dasharray')));
            expect(shown).toEqual(['', '8 4']);
        } finally {
            await watched.close();
        }
    });

    test('the first page is below 300 kB and 8 requests', async () => {
        const context = await browser.newContext();
        const page = await context.newPage();
        const session = await context.newCDPSession(page);
        await session.send('Network.enable');
        let bytes = 0;
        let requests: string[] = [];
        // The browser's own icons are `data:`.
        session.on('Network.requestWillBeSent', ({ request: { url } }) => {
            requests.push(...(url.startsWith('http') ? [url] : []));
        });
        session.on('Network.loadingFinished', ({ encodedDataLength }) => {
            bytes += encodedDataLength;
        });
        await page.goto(`${server.address}/dashboard/lab`);
        await figuresShown(page);
        await page.locator('.chart svg').first().waitFor();
        expect(requests.length, requests.join()).toBeLessThan(8);
        expect(bytes).toBeLessThan(300_000);
        // The second one asks for the page, its data and its events.
        requests = [];
        bytes = 0;
        await page.reload();
        await figuresShown(page);
        await context.close();
        expect(bytes).toBeLessThan(10_000);
    });
});

describe('when it is tried again', () => {
    test.each([
        [0, 0, 1_000],
        [0, 1, 500],
        [1, 0, 2_000],
        [3, 0, 8_000],
        [10, 0, 30_000],
        [10, 1, 15_000],
    ])('after %i attempts, by chance %d: %i ms', (attempts, chance, expected) => {
        expect(delayMs(attempts, chance)).toBe(expected);
    });
});

test('a moment is said with its day where that is another one', () => {
    const now = new Date(2026, 10, 29, 20, 30);
    expect(momentText(new Date(2026, 10, 29, 20, 19).toISOString(), now)).toBe('20:19');
    expect(momentText(new Date(2026, 10, 28, 20, 19).toISOString(), now)).toBe('28 Nov 2026, 20:19');
});
