import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eltJson } from '../support/elt.ts';
import { fetchAnswer, shippedDatabases, sourcesOf, startServer, type TestServer } from '../support/server.ts';
import { sharedData } from '../support/shared-data.ts';

/** The endpoints that the documents name, on the real data. */

const isMissing = ['card_spend', 'game', 'cash_flow'].some((name) => sourcesOf(name as 'game') === null);

interface UserAnswer {
    readonly user_id: string;
    readonly date: string | null;
    readonly answer: Readonly<Record<string, unknown>> | null;
}
interface GameAnswer {
    readonly date: string | null;
    readonly country: string | null;
    readonly answer: Readonly<Record<string, unknown>>;
}

describe.skipIf(isMissing)(
    `the endpoints of the documents${isMissing ? ' (skipped: ../shared/data is missing)' : ''}`,
    () => {
        let server: TestServer;
        let words: string[] = [];
        beforeAll(async () => {
            words = await shippedDatabases('card_spend', 'game', 'cash_flow');
            server = await startServer(words);
        });
        afterAll(async () => {
            expect(await server.stop()).toBe(0);
        });
        const get: TestServer['get'] = (path, headers) => server.get(path, headers);

        it('the transactions of a user', async () => {
            const rows = (await get('/api/v1/data/transactions/31373')).json() as Record<string, unknown>[];
            const lines = readFileSync(sharedData('combined_transactions.csv') as string, 'utf8')
                .trim()
                .split('\n')
                .slice(1);
            const expected = lines
                .map((line) => line.trim().split(','))
                .filter(([user]) => user === '31373')
                .sort((left, right) => ((left[4] as string) < (right[4] as string) ? -1 : 1))
                .map(([user, type, merchant, cents, datetime]) => ({
                    user_id: Number(user),
                    transaction_type: type,
                    merchant_type_code: merchant,
                    amount_cents: Number(cents),
                    amount_in_dollars: Number(cents) / 100,
                    datetime: `${(datetime as string).slice(0, 19)}+00:00`,
                }));
            expect(rows).toEqual(expected);
            expect(rows[0]?.datetime).toBe('2023-03-25T11:31:26+00:00');
            expect(Object.keys(rows[0] ?? {})).toEqual(Object.keys(expected[0] ?? {}));
        });

        it('elt query keeps the whole timestamp', async () => {
            const { words: one } = { words: words.slice(0, 4) };
            const db = (words[5] as string).replace('card_spend=', '');
            const rows = await eltJson<Record<string, unknown>[]>([
                ...one,
                '--db',
                db,
                'query',
                'transactions',
                'userId=31373',
            ]);
            expect(rows[0]?.datetime).toMatch(/^2023-03-25T11:31:26\.\d+$/);
            expect(Object.keys(rows[0] ?? {})).not.toContain('_seq');
        });

        it('the net amount of a merchant type, exact to the cent', async () => {
            const rows = (await get('/api/v1/data/netAmount/5310')).json() as Record<string, number>[];
            expect(rows.length).toBeGreaterThan(10);
            expect(Object.keys(rows[0] ?? {})).toEqual([
                'merchant_type_code',
                'date',
                'net_amount_cents',
                'net_amount_in_dollars',
            ]);
            for (const row of rows) {
                expect(String(row.net_amount_in_dollars)).toBe(String(Number(`${row.net_amount_cents}e-2`)));
            }
        });

        it.each([
            ['/api/v1/data/transactions/999999', '[]\n'],
            ['/api/v1/data/transactions/-1', '[]\n'],
            ['/api/v1/data/netAmount/0', '[]\n'],
            ['/api/v1/data/netAmount/05310', '[]\n'],
        ])('%s has no rows', async (path, text) => {
            expect(await get(path)).toMatchObject({ status: 200, text });
        });

        it.each([
            ['/api/v1/data/transactions/abc', 'userId must be an integer'],
            ['/api/v1/data/transactions/1.5', 'userId must be an integer'],
            ['/api/v1/data/transactions/1%3B', 'userId must be an integer'],
            ['/api/v1/data/transactions/99999999999999999999', 'userId must be an integer'],
            ['/api/v1/data/transactions/', 'userId must be an integer'],
            ['/api/v1/data/netAmount/abc', 'merchantTypeCode must be an integer'],
            ['/api/v1/data/netAmount/1e3', 'merchantTypeCode must be an integer'],
            ['/api/v1/game/stats?date=2010-02-31', 'date must be a date like 2010-12-31'],
        ])('%s: %s', async (path, error) => {
            const answer = await get(path);
            expect(answer.status).toBe(400);
            expect(answer.json()).toMatchObject({ error, code: 'PARAMETER_WRONG' });
        });

        it('the statistics of users, as computed without SQL', async () => {
            const { user } = JSON.parse(readFileSync(sharedData('events.answers.json') as string, 'utf8')) as {
                readonly user: readonly UserAnswer[];
            };
            for (const { user_id, date, answer } of user) {
                const got = await get(`/api/v1/users/${encodeURIComponent(user_id)}/stats?date=${date ?? ''}`);
                if (answer === null) {
                    expect(got.status, user_id).toBe(404);
                } else {
                    expect(got.json(), `${user_id} ${date}`).toEqual([answer]);
                }
            }
        });

        it('the statistics of the game', async () => {
            const { game } = JSON.parse(readFileSync(sharedData('events.answers.json') as string, 'utf8')) as {
                readonly game: readonly GameAnswer[];
            };
            for (const { date, country, answer } of game) {
                const got = await get(`/api/v1/game/stats?date=${date ?? ''}&country=${country ?? ''}`);
                expect(got.json(), `${date} ${country}`).toEqual([answer]);
            }
        });

        it('an unknown player is 404', async () => {
            const answer = await get('/api/v1/users/nobody/stats');
            expect(answer.status).toBe(404);
            expect(answer.json()).toMatchObject({ code: 'NOT_FOUND', error: 'there is no userId "nobody"' });
        });

        it.each(['daily', 'balances', 'pending', 'processing_time'])(
            'cash_flow/%s is what elt query answers',
            async (name) => {
                const db = (words.at(-1) as string).replace('cash_flow=', '');
                const asked = await eltJson([
                    ...words.slice(0, 2),
                    '--pipeline',
                    'cash_flow',
                    '--db',
                    db,
                    'query',
                    name,
                ]);
                const rows = (await get(`/api/v1/cash_flow/${name}`)).json() as unknown[];
                expect(rows).toEqual(asked);
                // Every cash-out of the files was processed or refunded.
                expect(rows.length > 0).toBe(name !== 'pending');
            },
        );

        it('answers HEAD without a body, OPTIONS with the allowed methods, nothing else', async () => {
            const url = `${server.address}/api/v1/data/transactions/31373`;
            const head = await fetchAnswer(url, { method: 'HEAD' });
            expect([head.status, head.text]).toEqual([200, '']);
            expect(Number(head.headers.get('content-length'))).toBe(
                Buffer.byteLength((await get(url.slice(server.address.length))).text),
            );
            expect((await fetchAnswer(url, { method: 'OPTIONS' })).headers.get('allow')).toBe('GET, HEAD, OPTIONS');
            for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
                const refused = await fetchAnswer(url, { method, body: '{"a":1}' });
                expect(refused.status, method).toBe(405);
                expect(refused.json()).toMatchObject({ code: 'METHOD_WRONG' });
            }
        });
    },
);
