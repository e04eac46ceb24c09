import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** A headless Chromium of the system, with nothing of its own on the network. */

const FLAGS = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
];

/** Its path; null where there is none, which under CI is an error: a proof that was skipped silently is none. */
export function chromiumPath(): string | null {
    for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
        try {
            const path = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
            if (existsSync(path)) {
                return path;
            }
        } catch {
            // The next name.
        }
    }
    if (process.env.CI === 'true') {
        throw new Error('chromium is missing: apt-get install chromium');
    }
    return null;
}

/** A new profile each time; the caller closes it. */
export function startBrowser(executablePath: string): Promise<Browser> {
    return chromium.launch({ executablePath, args: FLAGS });
}

/** A page and what went wrong in it. */
export interface WatchedPage {
    readonly page: Page;
    /** Errors of scripts, of the console (the policy reports there), and requests to another host. */
    readonly problems: readonly string[];
    close(): Promise<void>;
}

export const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' };
export const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 740 }, reducedMotion: 'reduce' };

/** A page of a context of its own. Requests to another host than that of `address` are refused, and a problem. */
export async function watchedPage(
    browser: Browser,
    address: string,
    options: BrowserContextOptions = DESKTOP,
): Promise<WatchedPage> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const problems: string[] = [];
    const { host } = new URL(address);
    await context.route('**/*', (route) => {
        if (new URL(route.request().url()).host === host) {
            return route.continue();
        }
        problems.push(`a request to ${route.request().url()}`);
        return route.abort();
    });
    page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) {
            problems.push(`console: ${message.text()}`);
        }
    });
    page.on('pageerror', (error) => problems.push(`script: ${error.message}`));
    return { page, problems, close: () => context.close() };
}

/** Waits until the figures of the page are there and its charts are drawn. */
export async function figuresShown(page: Page): Promise<void> {
    await page.waitForSelector('html[data-loaded]');
    await page.locator('.chart:not([data-drawn])').first().waitFor({ state: 'detached' });
}
