import { deepStrictEqual } from 'node:assert/strict';
import type { RowPipeline } from '../../support/row-pipeline.ts';
import type { Spent } from './card-rows.ts';

/** Both questions for every user and type, compared with the rows in the order in which they landed, and the marts. */
export function checkCards(cards: RowPipeline, landed: readonly Spent[]): void {
    checkDays(cards, landed);
    checkHolders(cards, landed);
    for (const user of new Set([...landed.map((row) => row.user), -1])) {
        const expected = landed
            .map((row, order) => ({ ...row, order }))
            .filter((row) => row.user === user)
            .sort((a, b) => (a.at === b.at ? a.order - b.order : a.at < b.at ? -1 : 1))
            .map(({ type, code, cents, at }) => ({
                user_id: user,
                transaction_type: type,
                merchant_type_code: code,
                amount_cents: cents,
                amount_in_dollars: cents / 100,
                datetime: at,
            }));
        deepStrictEqual(cards.ask('transactions', { userId: String(user) }), expected);
    }
    for (const code of new Set([...landed.map((row) => row.code), '9999'])) {
        const days = new Map<string, number>();
        for (const row of landed.filter((one) => one.code === code)) {
            const day = row.at.slice(0, 10);
            days.set(day, (days.get(day) ?? 0) + (row.type === 'PurchaseActivity' ? row.cents : -row.cents));
        }
        const expected = [...days]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([date, cents]) => ({
                merchant_type_code: code,
                date,
                net_amount_cents: cents,
                net_amount_in_dollars: cents / 100,
            }));
        deepStrictEqual(cards.ask('net_amount', { merchantTypeCode: code }), expected);
    }
}

function checkDays(cards: RowPipeline, landed: readonly Spent[]): void {
    const days = Map.groupBy(landed, ({ at, code, type }) => JSON.stringify([at.slice(0, 10), code, type]));
    const expected = [...days].map(([key, rows]) => {
        const [date, code, type] = JSON.parse(key) as [string, string, string];
        return {
            date,
            merchant_type_code: code,
            transaction_type: type,
            card_transactions: rows.length,
            amount_cents: sumOf(rows.map(({ cents }) => cents)),
        };
    });
    deepStrictEqual(inAnyOrder(cards.rows('select * from daily')), inAnyOrder(expected));
}

function checkHolders(cards: RowPipeline, landed: readonly Spent[]): void {
    const expected = [...Map.groupBy(landed, ({ user }) => user)].map(([user, rows]) => ({
        user_id: user,
        transactions: rows.length,
        merchant_types: new Set(rows.map(({ code }) => code)).size,
        net_cents: sumOf(rows.map(({ type, cents }) => (type === 'PurchaseActivity' ? cents : -cents))),
    }));
    deepStrictEqual(inAnyOrder(cards.rows('select * from card_holders')), inAnyOrder(expected));
}

function sumOf(numbers: readonly number[]): number {
    return numbers.reduce((sum, number) => sum + number, 0);
}

function inAnyOrder(rows: readonly object[]): readonly string[] {
    return rows.map((row) => JSON.stringify(row)).sort();
}
