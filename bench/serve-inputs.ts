import { existsSync, writeFileSync } from 'node:fs';
import { inputPath } from './workshop.ts';

/** What `bench/serve.ts` is asked about. The same numbers give the same files, so each is made once. */

export const USERS = 20_000;
export const MERCHANT_TYPES = 100;
export const EVENTS = 30_000;

/** Card transactions of a year: about ten a user, and 2,000 a merchant type, for 200,000. */
export function transactionsFile(count: number, seed: number): string {
    return madeFile(`combined_transactions-${count}-${seed}.csv`, () => {
        let state = seed;
        const random = (below: number): number => {
            // Park and Miller's generator.
            state = (state * 48_271) % 2_147_483_647;
            return state % below;
        };
        const two = (value: number): string => String(value).padStart(2, '0');
        const lines = Array.from({ length: count }, () => {
            const type = random(10) === 0 ? 'ReturnActivity' : 'PurchaseActivity';
            const date = `2023-${two(1 + random(12))}-${two(1 + random(28))}`;
            const time = `${two(random(24))}:${two(random(60))}:${two(random(60))}.${random(1_000_000)}`;
            return `${random(USERS)},${type},${5_000 + random(MERCHANT_TYPES)},${1 + random(200_000)},${date}T${time}`;
        });
        return `user_id,transaction_type,merchant_type_code,amount_cents,datetime\n${lines.join('\n')}\n`;
    });
}

export function ratesFile(): string {
    const lines = ['{"currency":"USD","rate_to_usd":"1"}', '{"currency":"EUR","rate_to_usd":"1.3"}'];
    return madeFile('exchange_rates.jsonl', () => `${lines.join('\n')}\n`);
}

function madeFile(name: string, make: () => string): string {
    const path = inputPath(name);
    if (!existsSync(path)) {
        writeFileSync(path, make());
    }
    return path;
}
