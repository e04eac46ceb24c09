import { join } from 'node:path';
import { chromiumPath, figuresShown, startBrowser, watchedPage } from '../support/browser.ts';
import { filledDatabases, hasSharedData, serveDashboards } from '../support/dashboards.ts';
import { PROJECT } from '../support/elt.ts';

/*
 * npm run picture
 * Writes docs/images/dashboard.png, the dashboard of the game over the shared data; look at it before it is committed.
 * The page takes the system's font, for which Inter (Debian: fonts-inter) looks best.
 * Exit status 0: written; 1: the page reported a problem; 2: cannot run.
 */

const VIEWPORT = { width: 1280, height: 1190 };

const chromium = chromiumPath();
if (chromium === null || !hasSharedData()) {
    console.error(chromium === null ? 'chromium is missing' : '../shared/data is missing');
    process.exit(2);
}
const server = await serveDashboards(await filledDatabases());
const browser = await startBrowser(chromium);
try {
    const { page, problems } = await watchedPage(browser, server.address, {
        viewport: VIEWPORT,
        reducedMotion: 'reduce',
    });
    await page.goto(`${server.address}/dashboard/game`);
    await figuresShown(page);
    await page.screenshot({ path: join(PROJECT, 'docs', 'images', 'dashboard.png') });
    console.log(problems.join('\n') || 'docs/images/dashboard.png');
    process.exitCode = problems.length > 0 ? 1 : 0;
} finally {
    await browser.close();
    await server.close();
}
