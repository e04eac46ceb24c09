import fc from 'fast-check';

export const HEADER = 'user_id,transaction_type,merchant_type_code,amount_cents,datetime';

/** One card transaction. */
export interface Spent {
    readonly user: number;
    readonly type: string;
    readonly code: string;
    readonly cents: number;
    readonly at: string;
}

export const spent: fc.Arbitrary<Spent> = fc.record({
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

export function lineOf({ user, type, code, cents, at }: Spent): string {
    return [user, type, code, cents, at].join(',');
}

export function readLine(line: string): Spent {
    const [user, type = '', code = '', cents, at = ''] = line.split(',');
    return { user: Number(user), type, code, cents: Number(cents), at };
}
