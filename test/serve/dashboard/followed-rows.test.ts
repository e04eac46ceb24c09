import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AskFigures, type Given } from '../../support/ask-figures.ts';
import { type DashboardServer, filledDatabases, hasSharedData, serveDashboards } from '../../support/dashboards.ts';

/** A tile leads to its own rows, not to those of all tiles; rows have a total, an order and further pages. */

interface Total {
    readonly rows: number;
    readonly amount_cents?: number;
}

describe.skipIf(!hasSharedData())('rows behind a value', () => {
    let asked: AskFigures;
    let server: DashboardServer;
    beforeAll(async () => {
        const folder = await filledDatabases(['payments', 'card_spend', 'game', 'cash_flow']);
        asked = new AskFigures(folder);
        server = await serveDashboards(folder, ['payments', 'card_spend', 'game', 'cash_flow']);
    });
    afterAll(async () => {
        asked?.close();
        await server?.close();
    });

    const get = async (path: string): Promise<unknown> =>
        JSON.parse(await (await fetch(`${server.address}/dashboard/${path}`)).text());

    const search = (given: Given): string => new URLSearchParams(given).toString();

    /** Tiles that count: as many rows as the tile says. */
    test.each<[string, string, Given]>([
        ['payments', 'events', {}],
        ['payments', 'authorised', {}],
        ['payments', 'refused', { from: '2021-06-03' }],
        ['payments', 'hard_declines', {}],
        ['game', 'players', {}],
        ['game', 'logins', { country: 'DE' }],
        ['game', 'buyers', {}],
        ['game', 'buyers', { from: '2010-05-10', to: '2010-05-12' }],
        ['game', 'valid_sessions', {}],
        ['cash_flow', 'cash_outs', {}],
        ['cash_flow', 'pending', {}],
        ['card_spend', 'transactions', { merchantTypeCode: '5732' }],
    ])('%s: "%s" leads to as many rows as it says, %o', async (pipeline, column, given) => {
        const [row] = asked.figure(pipeline, '10_headline', given);
        const total = (await get(
            `${pipeline}/figures/10_headline/rows/total?${search({ ...given, column })}`,
        )) as Total[];
        expect(total[0]?.rows).toBe(row?.[column] as number);
    });

    /** Tiles of money: rows that add up to it. */
    test.each<[string, string, Given]>([
        ['card_spend', 'bought_cents', {}],
        ['card_spend', 'returned_cents', { from: '2023-04-01', to: '2023-04-30' }],
        ['cash_flow', 'cash_in_cents', {}],
        ['cash_flow', 'cash_out_cents', { from: '2020-08-30', to: '2020-09-02' }],
        ['cash_flow', 'refunded_cents', { from: '2020-08-30', to: '2020-09-02' }],
    ])('%s: the rows behind "%s" add up to it, %o', async (pipeline, column, given) => {
        const [row] = asked.figure(pipeline, '10_headline', given);
        const total = (await get(
            `${pipeline}/figures/10_headline/rows/total?${search({ ...given, column })}`,
        )) as Total[];
        expect(total[0]?.amount_cents ?? 0).toBe(row?.[column] as number);
    });

    test('a line of players leads to as many players', async () => {
        for (const { date, players, logins } of asked.figure('game', '20_players_by_day')) {
            for (const [column, count] of [
                ['players', players],
                ['logins', logins],
            ]) {
                const given = search({ date: String(date), column: String(column) });
                const total = (await get(`game/figures/20_players_by_day/rows/total?${given}`)) as Total[];
                expect([date, column, total[0]?.rows]).toEqual([date, column, count]);
            }
        }
    });

    test('rows have any order, and further pages that hold each of them once', async () => {
        const rows = 'card_spend/figures/10_headline/rows';
        const all = (await get(rows)) as { amount_cents: number; datetime: string }[];
        const pages = await Promise.all(
            [0, 200, 400, 600].map(
                async (offset) => (await get(`${rows}?sort=-amount_cents&limit=200&offset=${offset}`)) as typeof all,
            ),
        );
        expect(pages.map(({ length }) => length)).toEqual([200, 200, 100, 0]);
        const amounts = pages.flat().map((one) => one.amount_cents);
        expect(amounts).toEqual(all.map((one) => one.amount_cents).sort((a, b) => b - a));
        const up = (await get(`${rows}?sort=amount_cents`)) as typeof all;
        expect(up.map((one) => one.amount_cents)).toEqual([...amounts].reverse());
        const csv = await (await fetch(`${server.address}/dashboard/${rows}.csv?sort=amount_cents`)).text();
        expect(csv.split('\r\n')[1]).toContain(String(up[0]?.datetime));
    });

    test.each([
        ['sort=nothing', 'sort must be a column, or "-" and a column'],
        ['sort=amount_cents%20desc', 'sort must be a column, or "-" and a column'],
        ['offset=-1', 'offset must be an integer from 0 to 1000000000'],
        ['offset=1x', 'offset must be an integer from 0 to 1000000000'],
    ])('%s is refused', async (words, error) => {
        expect(await get(`card_spend/figures/10_headline/rows?${words}`)).toMatchObject({
            code: 'PARAMETER_WRONG',
            error,
        });
    });
});
