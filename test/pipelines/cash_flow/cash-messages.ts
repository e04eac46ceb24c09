import fc from 'fast-check';
import type { TOPICS } from './cash-model.ts';

const IDS = Array.from({ length: 9 }, (_, index) => `00000000-0000-4000-8000-00000000000${index}`);
const ACCOUNTS = IDS.slice(0, 3).map((id) => id.replace('4000', '4001'));

/**
 * What happens to a transaction, whose id a cash-in and a cash-out may share; its messages are sent in any order, in any
 * files, and some of them twice.
 */
const transaction = fc.record({
    kinds: fc.constantFrom(['cash_in'], ['cash_out'], ['cash_in', 'cash_out']),
    account: fc.constantFrom(...ACCOUNTS),
    amount: fc.oneof(fc.integer({ min: 0, max: 10_000 }), fc.constant(2 ** 40)),
    at: fc.integer({ min: 1598227738000, max: 1598227738000 + 3 * 86_400_000 }),
    processedAfter: fc.option(fc.integer({ min: 0, max: 90_000_000 })),
    refundedAfter: fc.option(fc.integer({ min: 0, max: 90_000_000 })),
});

/** A message and the topic that it is sent to. */
export interface Sent {
    readonly topic: (typeof TOPICS)[number];
    readonly message: Record<string, unknown>;
}

/** Messages of a few transactions in any order, some of them twice. */
export const sentMessages: fc.Arbitrary<readonly Sent[]> = fc
    .array(transaction, { minLength: 1, maxLength: IDS.length, size: 'max' })
    .chain((transactions) => {
        const messages = transactions.flatMap((one, index): Sent[] => {
            const transaction_id = IDS[index] as string;
            const { account: account_id, amount, at } = one;
            const counterparty_account_id = ACCOUNTS[0] as string;
            const created = { transaction_id, account_id, counterparty_account_id, amount, inserted_at: at };
            const later = (topic: Sent['topic'], after: number | null): Sent[] =>
                after === null ? [] : [{ topic, message: { transaction_id, inserted_at: at + after } }];
            const ofKind: Readonly<Record<string, readonly Sent[]>> = {
                cash_in: [{ topic: 'cash_ins', message: created }],
                cash_out: [
                    { topic: 'cash_outs_created', message: created },
                    ...later('cash_outs_processed', one.processedAfter),
                    ...later('cash_outs_refunded', one.refundedAfter),
                ],
            };
            return one.kinds.flatMap((kind) => ofKind[kind] as readonly Sent[]);
        });
        const twice = fc.subarray(messages).map((again) => [...messages, ...again]);
        return twice.chain((all) => fc.shuffledSubarray(all, { minLength: all.length }));
    });
