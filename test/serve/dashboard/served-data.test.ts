import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DashboardData, FigureData } from '../../../src/serve/browser/fetch-figures.ts';
import { type DashboardServer, serveDashboards } from '../../support/dashboards.ts';
import { elt, PROJECT, workFolder } from '../../support/elt.ts';

/** The server's data for a page, from files that are edited meanwhile. */

const CSV = [
    'user_id,transaction_type,merchant_type_code,amount_cents,datetime',
    '1,PurchaseActivity,0742,1250,2024-05-01 09:12:44',
    '1,ReturnActivity,0742,250,2024-05-01 17:40:02',
    '2,PurchaseActivity,5411,9007199254740993,2024-05-02 08:00:00',
].join('\n');

describe('the data of a page', () => {
    const project = workFolder();
    const figures = join(project, 'sql', 'card_spend', 'dashboard');
    let server: DashboardServer;

    beforeAll(async () => {
        cpSync(join(PROJECT, 'sql', 'card_spend'), join(project, 'sql', 'card_spend'), { recursive: true });
        cpSync(join(PROJECT, 'migrations'), join(project, 'migrations'), { recursive: true });
        writeFileSync(join(project, 'combined_transactions.csv'), CSV);
        const words = ['--project', project, '--pipeline', 'card_spend', 'run', 'combined_transactions.csv'];
        expect((await elt(words, { cwd: project })).status).toBe(0);
        server = await serveDashboards(project, ['card_spend'], project);
    });
    afterAll(() => server?.close());

    const get = async (path: string): Promise<{ status: number; text: string; headers: Headers }> => {
        const response = await fetch(`${server.address}/dashboard/card_spend${path}`);
        return { status: response.status, text: await response.text(), headers: response.headers };
    };
    const data = async (search = ''): Promise<DashboardData> => JSON.parse((await get(`/data${search}`)).text);
    const figure = async (name: string, search = ''): Promise<FigureData> => {
        const found = (await data(search)).figures.find((one) => one.name === name);
        if (found === undefined) {
            throw new Error(`no figure "${name}"`);
        }
        return found;
    };

    test('the time of the last run, the filters with their choices, the figures in their order', async () => {
        const { last_run, parameters, figures: all, pipeline } = await data('?merchantTypeCode=0742');
        expect(pipeline).toBe('card_spend');
        expect(last_run.finished_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        expect(parameters.map(({ name, type, value, options }) => [name, type, value, options])).toEqual([
            ['from', 'date', null, null],
            ['to', 'date', null, null],
            [
                'merchantTypeCode',
                'text',
                '0742',
                [
                    { value: '0742', text: '0742 Veterinary services' },
                    { value: '5411', text: '5411 Grocery stores and supermarkets' },
                ],
            ],
        ]);
        expect(all.map(({ name }) => name)).toEqual([...all.map(({ name }) => name)].sort());
        expect(all[0]?.rows).toEqual([[1000, 1250, 250, 2, 1, 100]]);
        expect(all[1]?.rows_question?.columns).toEqual(['date']);
        expect(all[1]?.rows_question?.filters).toEqual(['merchantTypeCode']);
    });

    test('the days for which there is data, whatever the filters; a number has the period before beside it', async () => {
        const period = { from: '2024-05-01', to: '2024-05-02' };
        expect(await data('?from=2024-05-02')).toMatchObject({ period });
        expect(await data('?to=2020-01-01')).toMatchObject({ period });
        expect((await figure('10_headline', '?from=2024-05-02')).before).toBeNull();
        const before = (await figure('10_headline', '?from=2024-05-02&to=2024-05-02')).before;
        expect(before).toEqual({ from: '2024-05-01', to: '2024-05-01', row: [1000, 1250, 250, 2, 1, 100] });
        const two = (await figure('10_headline', '?from=2024-05-03&to=2024-05-04')).before;
        expect(two).toMatchObject(period);
        // Nothing was bought before that day: that is not 0.
        const none = (await figure('10_headline', '?from=2024-05-01&to=2024-05-01')).before;
        expect(none?.row).toEqual([null, null, null, 0, 0, null]);
        const lines = await (
            await fetch(`${server.address}/dashboard/card_spend/data`, { headers: { accept: 'application/x-ndjson' } })
        ).text();
        expect(lines).toContain(`{"period":${JSON.stringify(period)}}\n`);
    });

    test('whole numbers beyond 2^53 keep every digit', async () => {
        expect((await get('/data?merchantTypeCode=5411')).text).toContain('9007199254740993');
        expect((await get('/figures/20_net_by_day.csv?from=2024-05-02')).text).toBe(
            'date,net_cents\r\n2024-05-02,9007199254740993\r\n',
        );
    });

    test('rows behind a figure: all of them, or the first ones in their order', async () => {
        const all = JSON.parse((await get('/figures/20_net_by_day/rows?date=2024-05-01')).text) as {
            datetime: string;
        }[];
        expect(all.map(({ datetime }) => datetime)).toEqual(['2024-05-01 17:40:02', '2024-05-01 09:12:44']);
        const first = await get('/figures/20_net_by_day/rows?date=2024-05-01&limit=1');
        expect(JSON.parse(first.text)).toEqual(all.slice(0, 1));
        expect(first.headers.get('link')).toBeNull();
    });

    test.each([
        ['a filter that is none', '/data?colour=red', 400],
        ['a filter that is not of its type', '/data?from=yesterday', 400],
        ['a figure that is none', '/figures/99_x', 404],
        ['something else than the rows of a figure', '/figures/10_headline/columns', 404],
        ['a way out of the folder', '/figures/..%2F..%2Fapi%2Fnet_amount', 404],
        ['the rows themselves as a figure', '/figures/10_headline.rows', 404],
        ['rows without what they are behind', '/figures/20_net_by_day/rows', 400],
        ['no rows at all', '/figures/20_net_by_day/rows?date=2024-05-01&limit=0', 400],
        ['a next page, which there is not', '/figures/20_net_by_day/rows?date=2024-05-01&after=W10', 400],
    ])('%s: %s is %i', async (_, path, status) => {
        const answer = await get(path);
        expect(answer.status).toBe(status);
        expect(Object.keys(JSON.parse(answer.text))).toEqual(expect.arrayContaining(['error', 'code']));
    });

    test('an edited figure is shown without a restart; a wrong one is an error in its place', async () => {
        const file = join(figures, '15_new.sql');
        writeFileSync(file, "-- title: New\n-- chart: bar\nselect 'a' as name, 1 as count;\n");
        expect((await figure('15_new')).rows).toEqual([['a', 1]]);
        writeFileSync(file, '-- title: New\n-- chart: bar\nselect name, 1 as count from nothing;\n');
        const broken = await figure('15_new');
        expect(broken.error?.code).toBe('SQL_STATEMENT');
        expect(broken.rows).toEqual([]);
        writeFileSync(file, '-- title: New\nselect 1;\n');
        expect((await figure('15_new')).error?.code).toBe('SQL_HEADER');
        expect((await figure('10_headline')).error).toBeUndefined();
        writeFileSync(join(figures, '15_new.rows.sql'), '-- param: colour text\nselect :colour;\n');
        writeFileSync(file, "-- title: New\n-- chart: bar\nselect 'a' as name, 1 as count;\n");
        expect((await figure('15_new')).error?.code).toBe('SQL_HEADER');
        rmSync(file);
        rmSync(join(figures, '15_new.rows.sql'));
        expect((await data()).figures.map(({ name }) => name)).not.toContain('15_new');
    });

    test('a filter whose choices cannot be read accepts any value', async () => {
        const file = join(figures, 'from.options.sql');
        writeFileSync(file, 'select nothing from nowhere;\n');
        expect((await data()).parameters.find(({ name }) => name === 'from')?.options).toBeNull();
        rmSync(file);
    });
});
