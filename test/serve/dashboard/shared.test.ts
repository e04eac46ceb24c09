import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FigureData } from '../../../src/serve/browser/fetch-figures.ts';
import type { PageLine } from '../../../src/serve/browser/fetch-page.ts';
import { elt } from '../../support/elt.ts';
import {
    fetchAnswer,
    type LabProject,
    labProject,
    PATIENT,
    startServer,
    type TestServer,
} from '../../support/server.ts';

/** Many viewers of one page: each figure is asked once for all of them, and each fails or arrives by itself. */

const counting = (rows: number): string =>
    `with recursive c(n) as (select 1 union all select n + 1 from c where n < ${rows}) select max(n) as n`;
const figure = (title: string, sql: string, head = ''): string =>
    `-- title: ${title}\n-- chart: table\n${head}${sql};\n`;

const FILES = {
    'dashboard/10_slow.sql': figure('Slow', `${counting(400_000)}, (select count(*) from numbers) as rows from c`),
    'dashboard/20_quick.sql': figure('Quick', 'select count(*) as rows from numbers'),
    'dashboard/30_of_word.sql': figure(
        'Of a word',
        'select count(*) as rows from numbers where :word is null or word = :word',
        '-- param: word text\n',
    ),
    'dashboard/word.options.sql': '-- row: a word\nselect distinct word from numbers order by word;\n',
};
const ENDLESS = figure(
    'Endless',
    'with recursive c(n) as (select 1 union all select n + 1 from c) select count(*) as n from c',
);
/** Three figures, and the options of the filter. */
const QUESTIONS = 4;
const VIEWERS = 200;

let lab: LabProject;
let server: TestServer;
let migrations = 1;

/** Rows that somebody adds: another state of the database. */
async function addRow(word: string): Promise<void> {
    migrations++;
    lab.write(
        `../../migrations/lab/000${migrations}_row.sql`,
        `insert into numbers (n, word) values (${migrations}, '${word}');\n`,
    );
    expect((await elt([...lab.words, 'migrate'])).status).toBe(0);
}

async function lines(search = '', headers = {}): Promise<PageLine[]> {
    const { text, status } = await server.get(`/dashboard/lab/data${search}`, {
        accept: 'application/x-ndjson',
        ...headers,
    });
    expect(status).toBe(200);
    return text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as PageLine);
}

async function counted(): Promise<{ asked: number; shared: number }> {
    const { text } = await server.get('/metrics');
    const of = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
    return { asked: of('elt_figures_asked_total'), shared: of('elt_figures_shared_total') };
}

const figureOf = (all: readonly PageLine[], name: string): FigureData => {
    const found = all.find((line) => 'figure' in line && line.figure.name === name);
    return (found as { figure: FigureData }).figure;
};

beforeAll(async () => {
    lab = await labProject(FILES);
    server = await startServer(lab.words, ['--quiet', '--timeout-ms', '30000']);
});
afterAll(async () => {
    expect(await server.stop()).toBe(0);
});

describe('many viewers', () => {
    test(`${VIEWERS} at once: each figure is asked once, and all get it`, async () => {
        await addRow('one');
        const before = await counted();
        const pages = await Promise.all(Array.from({ length: VIEWERS }, () => lines()));
        for (const page of pages) {
            expect(figureOf(page, '20_quick').rows).toEqual([[1]]);
            expect(figureOf(page, '10_slow').rows).toEqual([[400_000, 1]]);
            expect(page.at(-1)).toHaveProperty('end');
        }
        const after = await counted();
        expect(after.asked - before.asked).toBe(QUESTIONS);
        expect(after.shared - before.shared).toBe((VIEWERS - 1) * QUESTIONS);
    });

    test('after a change each is asked once more, and nobody gets what was before', async () => {
        await lines();
        const before = await counted();
        await addRow('two');
        const pages = await Promise.all(Array.from({ length: VIEWERS }, () => lines()));
        expect(new Set(pages.map((page) => JSON.stringify(figureOf(page, '20_quick').rows)))).toEqual(
            new Set(['[[2]]']),
        );
        expect((await counted()).asked - before.asked).toBe(QUESTIONS);
    });

    test('filters are asked for themselves, and only the figures that have them', async () => {
        await lines();
        const before = await counted();
        expect(figureOf(await lines('?word=one'), '30_of_word').rows).toEqual([[1]]);
        expect(figureOf(await lines('?word=two'), '30_of_word').rows).toEqual([[1]]);
        // That is none of the choices: the page without it.
        expect(figureOf(await lines('?word=three'), '30_of_word').rows).toEqual([[2]]);
        expect((await counted()).asked - before.asked).toBe(2);
    });

    test('an edited figure is asked again, the others are not', async () => {
        await lines();
        const before = await counted();
        lab.write('dashboard/20_quick.sql', figure('Quick', 'select count(*) + 100 as rows from numbers'));
        expect(figureOf(await lines(), '20_quick').rows[0]?.[0]).toBeGreaterThan(100);
        expect((await counted()).asked - before.asked).toBe(1);
        lab.write('dashboard/20_quick.sql', FILES['dashboard/20_quick.sql']);
    });
});

describe('tags', () => {
    const paths = ['/dashboard/lab/data', '/dashboard/lab/data?word=one', '/dashboard/lab/figures/20_quick/data'];
    const forms = [{ accept: 'application/json' }, { accept: 'application/x-ndjson' }];

    test.each(paths.flatMap((path) => forms.map((form) => [path, form] as const)))('%s as %j', async (path, form) => {
        const first = await server.get(path, form);
        const tag = first.headers.get('etag') as string;
        expect(tag).toMatch(/^(W\/)?"[\w-]+"$/);
        const again = await server.get(path, { ...form, 'if-none-match': tag });
        expect([again.status, again.text]).toEqual([304, '']);
        expect((await server.get(path, { ...form, 'if-none-match': `"x", W/${tag.replace('W/', '')}` })).status).toBe(
            304,
        );
        await addRow('tagged');
        const after = await server.get(path, { ...form, 'if-none-match': tag });
        expect(after.status).toBe(200);
        expect(after.headers.get('etag')).not.toBe(tag);
    });

    test('filters and forms have tags of their own', async () => {
        const all = await Promise.all(
            paths
                .slice(0, 2)
                .flatMap((path) => forms.map(async (form) => (await server.get(path, form)).headers.get('etag'))),
        );
        expect(new Set(all).size).toBe(4);
    });
});

describe('a figure that never ends', () => {
    let impatient: TestServer;
    beforeAll(async () => {
        lab.write('dashboard/15_endless.sql', ENDLESS);
        impatient = await startServer(lab.words, ['--quiet', '--timeout-ms', '3000']);
    });
    afterAll(() => impatient.stop());

    test('the others come before it, and its error stands in its place', async () => {
        const response = await fetch(`${impatient.address}/dashboard/lab/data`, {
            headers: { accept: 'application/x-ndjson' },
        });
        const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
        let text = '';
        const seen: string[] = [];
        for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
            text += piece.value;
            const names = [...text.matchAll(/^\{"figure":\{"name":"(\w+)"/gm)].map(([, name]) => name as string);
            seen.push(names.join());
        }
        expect(seen).toContainEqual(expect.stringMatching(/^(?!.*15_endless).*20_quick/));
        expect(seen.at(-1)).toMatch(/15_endless$/);
        const page = text
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line) as PageLine);
        expect(figureOf(page, '15_endless').error).toMatchObject({ code: 'TIME_LIMIT', status: 504 });
        expect(figureOf(page, '20_quick').error).toBeUndefined();
        expect(page.at(-1)).toHaveProperty('end');
    });

    test('a page with it is never taken for unchanged, and the next one has another tag', async () => {
        const get = (headers = {}) =>
            impatient.get('/dashboard/lab/data', { accept: 'application/x-ndjson', ...headers });
        const first = await get();
        const tag = first.headers.get('etag') as string;
        const again = await get({ 'if-none-match': tag });
        expect(again.status).toBe(200);
        expect(again.headers.get('etag')).not.toBe(tag);
        const json = await impatient.get('/dashboard/lab/data');
        expect([json.status, json.headers.get('etag')]).toEqual([200, null]);
        // Once it is right, there is a tag that holds.
        lab.write('dashboard/15_endless.sql', figure('Ends', 'select 1 as n'));
        const right = await get();
        expect((await get({ 'if-none-match': right.headers.get('etag') as string })).status).toBe(304);
        lab.write('dashboard/15_endless.sql', ENDLESS);
    });

    test('a crowd that asks for it does not run it one after the other', async () => {
        const killed = async (): Promise<number> =>
            Number(/elt_readers_killed_total (\d+)/.exec((await impatient.get('/metrics')).text)?.[1]);
        await new Promise((resolve) => setTimeout(resolve, 3_500));
        const before = await killed();
        const codes = await Promise.all(
            Array.from({ length: 50 }, async () => {
                const { text } = await impatient.get('/dashboard/lab/figures/15_endless/data');
                return (JSON.parse(text) as FigureData).error?.code;
            }),
        );
        expect(new Set(codes)).toEqual(new Set(['TIME_LIMIT']));
        // Those that come right after the first ones get the same answer without a query.
        expect((await impatient.get('/dashboard/lab/figures/15_endless/data')).text).toContain('TIME_LIMIT');
        expect((await killed()) - before).toBe(1);
    });
});

describe('listeners', () => {
    test('beyond the limit are told when to come again', async () => {
        const sockets = await Promise.all(
            Array.from({ length: 1_000 }, () => fetch(`${server.address}/dashboard/lab/events`)),
        );
        try {
            const refused = await fetchAnswer(`${server.address}/dashboard/lab/events`, {});
            expect(refused.status).toBe(503);
            expect(refused.headers.get('retry-after')).toBe('1');
        } finally {
            await Promise.all(sockets.map((one) => one.body?.cancel()));
        }
        await expect
            .poll(async () => {
                const one = await fetch(`${server.address}/dashboard/lab/events`);
                await one.body?.cancel();
                return one.status;
            }, PATIENT)
            .toBe(200);
    });
});
