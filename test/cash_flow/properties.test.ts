import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { propertyRuns } from '../support/properties.ts';
import { RowPipeline } from '../support/row-pipeline.ts';
import { sharedData } from '../support/shared-data.ts';
import { cashModel, type Messages, TOPICS } from './cash-model.ts';

const TABLES = ['movements', ...TOPICS.map((topic) => `current_${topic}`)];

/** Every question of the pipeline, compared with the model of all messages so far. */
function expectModel(cash: RowPipeline, messages: Messages): void {
    const model = cashModel(messages);
    const movements = cash.rows('select * from movements order by transaction_id, kind');
    expect(movements).toEqual(model.movements);
    for (const question of ['daily', 'balances', 'pending', 'processing_time'] as const) {
        expect(cash.ask(question), question).toEqual(model[question]);
    }
}

const IDS = Array.from({ length: 9 }, (_, index) => `00000000-0000-4000-8000-00000000000${index}`);
const ACCOUNTS = IDS.slice(0, 3).map((id) => id.replace('4000', '4001'));

/** What happens to a transaction; its messages are sent in any order, in any files, and some of them twice. */
const transaction = fc.record({
    isCashIn: fc.boolean(),
    account: fc.constantFrom(...ACCOUNTS),
    amount: fc.oneof(fc.integer({ min: 0, max: 10_000 }), fc.constant(2 ** 40)),
    at: fc.integer({ min: 1598227738000, max: 1598227738000 + 3 * 86_400_000 }),
    processedAfter: fc.option(fc.integer({ min: 0, max: 90_000_000 })),
    refundedAfter: fc.option(fc.integer({ min: 0, max: 90_000_000 })),
});

interface Sent {
    readonly topic: (typeof TOPICS)[number];
    readonly message: Record<string, unknown>;
}

const sent = fc.array(transaction, { minLength: 1, maxLength: IDS.length, size: 'max' }).chain((transactions) => {
    const messages = transactions.flatMap((one, index): Sent[] => {
        const transaction_id = IDS[index] as string;
        const { account: account_id, amount, at } = one;
        const counterparty_account_id = ACCOUNTS[0] as string;
        const created = { transaction_id, account_id, counterparty_account_id, amount, inserted_at: at };
        if (one.isCashIn) return [{ topic: 'cash_ins', message: created }];
        const later = (topic: Sent['topic'], after: number | null): Sent[] =>
            after === null ? [] : [{ topic, message: { transaction_id, inserted_at: at + after } }];
        return [
            { topic: 'cash_outs_created', message: created },
            ...later('cash_outs_processed', one.processedAfter),
            ...later('cash_outs_refunded', one.refundedAfter),
        ];
    });
    const twice = fc.subarray(messages).map((again) => [...messages, ...again]);
    return twice.chain((all) => fc.shuffledSubarray(all, { minLength: all.length }));
});

test('any order, any files, messages twice: the model, and what a rebuild gives', { timeout: 600_000 }, async () => {
    await fc.assert(
        fc.asyncProperty(sent, fc.integer({ min: 1, max: 9 }), fc.boolean(), async (all, perRun, asArray) => {
            const cash = await RowPipeline.create('cash_flow');
            try {
                const messages: Messages = {
                    cash_ins: [],
                    cash_outs_created: [],
                    cash_outs_processed: [],
                    cash_outs_refunded: [],
                };
                for (let from = 0; from < all.length; from += perRun) {
                    for (const topic of TOPICS) {
                        const part = all.slice(from, from + perRun).filter((one) => one.topic === topic);
                        const list = part.map(({ message }) => message);
                        messages[topic].push(...(list as never[]));
                        const text = asArray ? JSON.stringify(list) : list.map((one) => JSON.stringify(one)).join('\n');
                        if (list.length > 0) await cash.load(`${topic}.json`, Buffer.from(text));
                    }
                    await cash.transform();
                    expectModel(cash, messages);
                }
                const incremental = cash.contents(TABLES);
                await cash.transform(true);
                expect(cash.contents(TABLES)).toEqual(incremental);
            } finally {
                cash.close();
            }
        }),
        propertyRuns(40),
    );
});

const files = TOPICS.map((topic) => sharedData(`${topic}.json`));

describe.skipIf(files.includes(undefined))('the shared messages', () => {
    test.each([[TOPICS], [[...TOPICS].reverse()]])('landed in the order %j', async (topics) => {
        const cash = await RowPipeline.create('cash_flow');
        const messages: Partial<Record<string, unknown>> = {};
        for (const topic of topics) {
            const bytes = readFileSync(files[TOPICS.indexOf(topic)] as string);
            messages[topic] = JSON.parse(bytes.toString('utf8'));
            await cash.load(`${topic}.json`, bytes);
            await cash.transform();
        }
        expectModel(cash, messages as unknown as Messages);
        cash.close();
    });
});
