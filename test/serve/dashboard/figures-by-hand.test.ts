import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cashModel, type Messages } from '../../pipelines/cash_flow/cash-model.ts';
import { dayOf, type GameResult, gameModel } from '../../pipelines/game/game-model.ts';
import { gameStatistics } from '../../pipelines/game/game-statistics.ts';
import { AskFigures } from '../../support/ask-figures.ts';
import { filledDatabases, hasSharedData } from '../../support/dashboards.ts';
import { sharedData } from '../../support/shared-data.ts';

/** The figures, computed again from the files of the shared data, without SQL. */

function shared(name: string): string {
    return readFileSync(sharedData(name) as string, 'utf8');
}

/** How often each value occurs, in the order of a bar chart: the most frequent first, then by name. */
function counted(values: readonly string[]): readonly (readonly [string, number])[] {
    const counts = new Map<string, number>();
    for (const value of values) {
        counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    return [...counts].sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1));
}

function percent(part: number, whole: number): number {
    return Math.floor((part * 20_000 + whole) / (whole * 2)) / 100;
}

/** Of the twelve on which most was spent. */
const MERCHANT_TYPES: Readonly<Record<string, string>> = {
    '4900': 'Electricity, gas, water and sanitation',
    '5300': 'Wholesale clubs',
    '5310': 'Discount stores',
    '5311': 'Department stores',
    '5732': 'Electronics',
    '5947': 'Gifts, cards and souvenirs',
    '6300': 'Insurance',
    '6513': 'Real estate agents and rentals',
    '7298': 'Health and beauty spas',
    '7299': 'Other personal services',
    '8099': 'Other medical services',
    '9399': 'Other government services',
};

describe.skipIf(!hasSharedData())('worked out by hand', () => {
    let asked: AskFigures;
    beforeAll(async () => {
        asked = new AskFigures(await filledDatabases(['payments', 'card_spend', 'game', 'cash_flow']));
    });
    afterAll(() => asked?.close());

    test('payments: the 529 rows of metrics', () => {
        const { columns, rows } = JSON.parse(shared('wal.metrics.json')) as { columns: string[]; rows: unknown[][] };
        const metrics = rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]])));
        const events = metrics.map((one) => one.transaction_lifecycle_event as string | null);
        const refused = events.filter(
            (event) => event === 'AUTHORIZATION_FAILED' || event === 'AUTHORIZATION_DECLINED',
        );
        const authorised = events.filter((event) => event === 'AUTHORIZATION_SUCCEEDED').length;
        const payments = new Map(metrics.map((one) => [one.transaction_id, one.amount as number]));
        expect(asked.figure('payments', '10_headline')).toEqual([
            {
                events: metrics.length,
                payments: payments.size,
                // None of the events names its customer: it is not known how many there are.
                customers: new Set(metrics.map((one) => one.customer_id).filter((id) => id !== null)).size || null,
                authorised,
                refused: refused.length,
                authorisation_rate_percent: percent(authorised, authorised + refused.length),
                hard_declines: metrics.filter((one) => one.decline_type === 'HARD_DECLINE').length,
            },
        ]);
        expect(asked.figure('payments', '30_events_by_lifecycle')).toEqual(
            ['AUTHORIZATION_SUBMITTED', 'AUTHORIZATION_FAILED', 'none'].map((step) => {
                const [submitted, count] = ['AUTHORIZATION_SUBMITTED', step].map(
                    (one) => events.filter((event) => (event ?? 'none') === one).length,
                ) as [number, number];
                const share = step === 'none' ? null : percent(count, submitted);
                return { lifecycle_event: step, events: count, of_submitted_percent: share };
            }),
        );
        expect(asked.figure('payments', '50_amounts_by_day')).toEqual([
            { date: '2021-06-03', currency_code: 'GBP', amount: sum([...payments.values()]) },
        ]);
    });

    test('card_spend: the lines of the CSV file', () => {
        const lines = shared('combined_transactions.csv').trim().split(/\r?\n/).slice(1);
        const spent = lines.map((line) => {
            const [user = '', type, merchant = '', cents = '', at = ''] = line.split(',');
            return { user, merchant, day: at.slice(0, 10), cents: Number(cents), isReturn: type === 'ReturnActivity' };
        });
        const bought = sum(spent.filter((one) => !one.isReturn).map((one) => one.cents));
        const returned = sum(spent.filter((one) => one.isReturn).map((one) => one.cents));
        const returns = spent.filter((one) => one.isReturn).length;
        expect(asked.figure('card_spend', '10_headline')).toEqual([
            {
                net_cents: bought - returned,
                bought_cents: bought,
                returned_cents: returned,
                transactions: spent.length,
                card_holders: new Set(spent.map((one) => one.user)).size,
                return_rate_percent: percent(returns, spent.length - returns),
            },
        ]);
        const net = (key: 'day' | 'merchant' | 'user') => {
            const sums = new Map<string, number>();
            for (const one of spent) {
                sums.set(one[key], (sums.get(one[key]) ?? 0) + (one.isReturn ? -one.cents : one.cents));
            }
            return [...sums];
        };
        expect(asked.figure('card_spend', '20_net_by_day')).toEqual(
            net('day')
                .sort(byFirst)
                .map(([date, net_cents]) => ({ date, net_cents })),
        );
        expect(asked.figure('card_spend', '30_net_by_merchant_type')).toEqual(
            net('merchant')
                .sort(bySecond)
                .slice(0, 12)
                .map(([code, net_cents]) => ({ merchant_type: `${code} ${MERCHANT_TYPES[code]}`, net_cents })),
        );
        const named = asked.figure('card_spend', '50_returns_by_merchant_type');
        expect(named.map((one) => one.merchant_type)).toContain('Sports and riding apparel');
        const top = asked.figure('card_spend', '40_top_users').map((one) => [String(one.user_id), one.net_cents]);
        expect(top).toEqual(net('user').sort(bySecond).slice(0, top.length));
    });

    test('game: the rules of the game, for each day and country', () => {
        const game = gameModel(
            shared('events.jsonl')
                .split('\n')
                .filter((line) => line !== ''),
        );
        const rates = Object.fromEntries(
            shared('exchange_rates.jsonl')
                .trim()
                .split('\n')
                .map((line) => {
                    const { currency, rate_to_usd } = JSON.parse(line) as { currency: string; rate_to_usd: string };
                    return [currency, rate_to_usd];
                }),
        );
        const [headline] = asked.figure('game', '10_headline');
        expect(headline).toEqual(gameHeadline(game, rates, null));
        expect(asked.figure('game', '10_headline', { country: 'DE' })[0]).toEqual(gameHeadline(game, rates, 'DE'));

        const days = [...new Set(game.sessions.map((one) => dayOf(one.login_timestamp)))].sort();
        const byDay = days.map(
            (date) => ({ date, ...gameStatistics(game, rates, date, null) }) as Record<string, unknown>,
        );
        expect(asked.figure('game', '20_players_by_day')).toEqual(
            byDay.map(({ date, daily_active_users: players, logins }) => ({ date, players, logins })),
        );
        expect(asked.figure('game', '40_revenue_by_day')).toEqual(
            byDay.filter((day) => day.revenue_usd !== 0).map(({ date, revenue_usd }) => ({ date, revenue_usd })),
        );
        const countries = [...new Set(game.users.map((user) => user.country))];
        const byCountry = countries.map((country) => {
            return [country, gameStatistics(game, rates, null, country).revenue_usd as number] as const;
        });
        expect(asked.figure('game', '50_revenue_by_country')).toEqual(
            byCountry
                .filter(([, revenue]) => revenue !== 0)
                .sort(bySecond)
                .map(([country, revenue_usd]) => {
                    return { country, revenue_usd };
                }),
        );
        const reasons = game.discarded.map((text) => text.slice(0, text.indexOf(':')));
        expect(asked.figure('game', '70_discarded_by_reason')).toEqual(
            counted(reasons).map(([reason, events]) => ({ reason, events })),
        );
    });

    test('cash_flow: the messages of the four topics', () => {
        const read = (name: string): unknown => JSON.parse(shared(`${name}.json`));
        const names = ['cash_ins', 'cash_outs_created', 'cash_outs_processed', 'cash_outs_refunded'];
        const cash = cashModel(Object.fromEntries(names.map((name) => [name, read(name)])) as unknown as Messages);
        const outs = cash.movements.filter((one) => one.kind === 'cash_out');
        const processed = outs.flatMap((one) => (one.processed_at === null ? [] : [one.processed_at - one.created_at]));
        const refunds = outs.filter((one) => one.refunded_at !== null);
        expect(asked.figure('cash_flow', '10_headline')).toEqual([
            {
                cash_in_cents: sum(
                    cash.movements.filter((one) => one.kind === 'cash_in').map((one) => one.amount_cents),
                ),
                cash_out_cents: sum(outs.map((one) => one.amount_cents)),
                refunded_cents: sum(refunds.map((one) => one.amount_cents)),
                cash_outs: outs.length,
                refund_rate_percent: percent(refunds.length, outs.length),
                pending: cash.pending.length,
                average_processing_seconds: Math.floor(
                    (sum(processed) + processed.length * 500) / (processed.length * 1000),
                ),
            },
        ]);
        expect(asked.figure('cash_flow', '20_cash_by_day')).toEqual(
            cash.daily.flatMap(({ date, cash_in_cents, cash_out_cents, refunded_cents }) =>
                Object.entries({ in: cash_in_cents, out: cash_out_cents, refunded: refunded_cents })
                    .filter(([, amount_cents]) => amount_cents > 0)
                    .map(([direction, amount_cents]) => ({ date, direction, amount_cents })),
            ),
        );
        const balances = cash.balances.map((one) => [one.account_id, one.balance_cents] as const);
        const shown = asked
            .figure('cash_flow', '50_highest_balances')
            .map((one) => [one.account_id, one.balance_cents]);
        expect(shown).toEqual([...balances].sort(bySecond).slice(0, 10));
    });
});

function gameHeadline(game: GameResult, rates: Readonly<Record<string, string>>, country: string | null) {
    const all = gameStatistics(game, rates, null, country) as Readonly<Record<string, number>>;
    const isOurs = ({ user_id: id }: { readonly user_id: string }): boolean =>
        country === null || game.users.some((user) => user.user_id === id && user.country === country);
    const lengths = game.sessions.filter(isOurs).flatMap(({ login_timestamp: from, logout_timestamp: to }) => {
        return to !== null && to - from > 1 ? [to - from] : [];
    });
    return {
        players: all.daily_active_users,
        logins: all.logins,
        revenue_usd: all.revenue_usd,
        buyers: new Set(game.transactions.filter(isOurs).map((one) => one.user_id)).size,
        campaign_share_percent: percent(all.paid_users as number, all.daily_active_users as number),
        valid_sessions: lengths.length,
        average_session_seconds: Math.floor((sum(lengths) * 2 + lengths.length) / (lengths.length * 2)),
    };
}

function sum(values: readonly number[]): number {
    return values.reduce((total, value) => total + value, 0);
}

function byFirst([a]: readonly [string, number], [b]: readonly [string, number]): number {
    return a < b ? -1 : 1;
}

function bySecond([a, left]: readonly [string, number], [b, right]: readonly [string, number]): number {
    return right - left || byFirst([a, left], [b, right]);
}
