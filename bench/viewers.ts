import { spawnSync } from 'node:child_process';
import { grouped, machine, markdown } from './report.ts';
import { transactionsFile } from './serve-inputs.ts';
import { databaseOf, startServer } from './serving.ts';
import { CLI, NODE } from './workshop.ts';

/**
 * Many open pages of one dashboard, as browsers have them: each listens for runs, and after one reads its figures line by
 * line. Measured is when a page, or the last of them, has all figures of the new state.
 */

const PATH = '/dashboard/card_spend';
/** What a run adds while the pages are open. */
const NEW_ROWS = 1_000;

interface Page {
    readonly seconds: number;
    readonly version: string;
    /** Figures that came as an error. */
    readonly failed: number;
}

/** The table of docs/benchmarks.md. */
export async function measureViewers(viewers: number, rows: number): Promise<string> {
    const { db, words } = await databaseOf('card_spend', transactionsFile(rows, 1));
    const server = await startServer(['--pipeline', 'card_spend', '--db', db]);
    const address = `http://127.0.0.1:${server.port}${PATH}`;
    try {
        const first = await readPage(address);
        const again = await readPage(address);
        const all = await together(viewers, () => readPage(address));
        const before = await counted(server.port);
        const listening = await together(viewers, () => listen(address));
        const run = ['run', '--as-new', '--quiet', transactionsFile(NEW_ROWS, 7)];
        const { status, stderr } = spawnSync(NODE, [CLI, ...words, ...run], { encoding: 'utf8' });
        if (status !== 0) {
            throw new Error(stderr);
        }
        const ended = performance.now();
        const pages = await Promise.all(
            listening.map(async ({ told }) => {
                await told;
                const page = await readPage(address);
                return { ...page, seconds: (performance.now() - ended) / 1_000 };
            }),
        );
        const asked = (await counted(server.port)) - before;
        await Promise.all(listening.map(({ close }) => close()));
        const line = (what: string, some: readonly Page[]): readonly string[] => [
            what,
            Math.max(...some.map(({ seconds }) => seconds)).toFixed(2),
            String(some.reduce((sum, { failed }) => sum + failed, 0)),
        ];
        const table = [
            line('the first page after the start', [first]),
            line('the same page again', [again]),
            line(`${grouped(viewers)} pages at once`, all),
            line(`${grouped(viewers)} open pages, after a run of ${grouped(NEW_ROWS)} rows`, pages),
        ];
        if (new Set(pages.map(({ version }) => version)).size !== 1 || pages[0]?.version === first.version) {
            throw new Error('the pages do not show the state after the run');
        }
        const heads = [`${grouped(rows)} card transactions`, 'seconds until the last figure', 'figures that failed'];
        return `${machine([])}\n\n${markdown(heads, table)}\n\nThe run led to ${asked} questions to the database for all pages together.`;
    } finally {
        server.kill('SIGTERM');
    }
}

async function together<T>(count: number, work: () => Promise<T>): Promise<readonly T[]> {
    return await Promise.all(Array.from({ length: count }, work));
}

async function readPage(address: string): Promise<Page> {
    const began = performance.now();
    const response = await fetch(`${address}/data`, { headers: { accept: 'application/x-ndjson' } });
    const lines = (await response.text()).trimEnd().split('\n');
    const parsed = lines.map(
        (one) => JSON.parse(one) as Readonly<Record<string, { error?: unknown; version?: string }>>,
    );
    const version = parsed.find((one) => 'end' in one)?.end?.version;
    if (version === undefined) {
        throw new Error('a page ended early');
    }
    const failed = parsed.filter((one) => one.figure?.error !== undefined).length;
    return { seconds: (performance.now() - began) / 1_000, version, failed };
}

/** Resolves when the server has the listener; `told` when it has heard of a run. */
async function listen(address: string): Promise<{ readonly told: Promise<void>; readonly close: () => Promise<void> }> {
    const response = await fetch(`${address}/events`);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    let text = decoder.decode((await reader.read()).value);
    const told = (async () => {
        while (!text.includes('event: run')) {
            const { value, done } = await reader.read();
            if (done) {
                throw new Error('the server ended a listener');
            }
            text += decoder.decode(value);
        }
    })();
    return { told, close: () => reader.cancel() };
}

/** How many figures the server has asked the database for. */
async function counted(port: number): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Number(/^elt_figures_asked_total (\d+)$/m.exec(text)?.[1]);
}
