import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { propertyRuns } from '../support/properties.ts';
import { RowPipeline } from '../support/row-pipeline.ts';
import { sharedData } from '../support/shared-data.ts';

const HEADER = 'user_id,transaction_type,merchant_type_code,amount_cents,datetime';

interface Spent {
    readonly user: number;
    readonly type: string;
    readonly code: string;
    readonly cents: number;
    readonly at: string;
}

const spent: fc.Arbitrary<Spent> = fc.record({
    user: fc.integer({ min: 1, max: 3 }),
    type: fc.constantFrom('PurchaseActivity', 'ReturnActivity'),
    code: fc.constantFrom('0742', '742', '5310'),
    cents: fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.constant(9_007_199_254)),
    at: fc.constantFrom(
        '2023-04-15T23:59:59.99999',
        '2023-04-15T23:59:59.999999',
        '2023-04-15T12:04:02',
        '2023-04-16T00:00:00.000001',
        '2023-04-16T00:00:00',
    ),
});

function lineOf({ user, type, code, cents, at }: Spent): string {
    return [user, type, code, cents, at].join(',');
}

function readLine(line: string): Spent {
    const [user, type = '', code = '', cents, at = ''] = line.split(',');
    return { user: Number(user), type, code, cents: Number(cents), at };
}

/** Both questions for every user and type, compared with the rows in the order in which they landed. */
function expectModel(cards: RowPipeline, landed: readonly Spent[]): void {
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
        expect(cards.ask('transactions', { userId: String(user) })).toEqual(expected);
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
        expect(cards.ask('net_amount', { merchantTypeCode: code })).toEqual(expected);
    }
}

test('any split into files: the model, and what a rebuild gives', { timeout: 600_000 }, async () => {
    await fc.assert(
        fc.asyncProperty(fc.array(spent, { maxLength: 30 }), fc.integer({ min: 1, max: 12 }), async (rows, perFile) => {
            const cards = await RowPipeline.create('card_spend');
            try {
                for (let from = 0; from < rows.length; from += perFile) {
                    const lines = rows.slice(from, from + perFile).map(lineOf);
                    const text = [HEADER, ...lines, 'a,line,of,too,many,fields', `${lines[0]}x`].join('\n');
                    const { rejected } = await cards.load('combined_transactions.csv', Buffer.from(text));
                    expect(rejected).toBe(2);
                    await cards.transform();
                    expectModel(cards, rows.slice(0, from + perFile));
                }
                if (rows.length > 0) {
                    const incremental = cards.contents(['transactions']);
                    await cards.transform(true);
                    expect(cards.contents(['transactions'])).toEqual(incremental);
                }
            } finally {
                cards.close();
            }
        }),
        propertyRuns(30),
    );
});

const file = sharedData('combined_transactions.csv');

describe.skipIf(file === undefined)('the shared transactions', () => {
    test('every user and every merchant type', async () => {
        const bytes = readFileSync(file as string);
        const cards = await RowPipeline.create('card_spend');
        await cards.load('combined_transactions.csv', bytes);
        await cards.transform();
        const lines = bytes.toString('utf8').trimEnd().split(/\r?\n/).slice(1);
        expect(lines.length).toBe(500);
        expectModel(cards, lines.map(readLine));
        cards.close();
    });
});
