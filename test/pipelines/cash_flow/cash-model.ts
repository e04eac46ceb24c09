/** The rules of the cash dashboard, written once more without SQL, from lists of messages in any order. */

export const TOPICS = ['cash_ins', 'cash_outs_created', 'cash_outs_processed', 'cash_outs_refunded'] as const;

interface Created {
    readonly transaction_id: string;
    readonly account_id: string;
    readonly counterparty_account_id: string;
    readonly amount: number;
    readonly inserted_at: number;
}

type Later = Pick<Created, 'transaction_id' | 'inserted_at'>;

export interface Messages {
    readonly cash_ins: Created[];
    readonly cash_outs_created: Created[];
    readonly cash_outs_processed: Later[];
    readonly cash_outs_refunded: Later[];
}

interface Movement {
    readonly transaction_id: string;
    readonly kind: 'cash_in' | 'cash_out';
    readonly account_id: string;
    readonly counterparty_account_id: string;
    readonly amount_cents: number;
    readonly created_at: number;
    readonly processed_at: number | null;
    readonly refunded_at: number | null;
}

export function cashModel(messages: Messages) {
    const movements = movementsOf(messages);
    const outs = movements.filter((one) => one.kind === 'cash_out');
    return {
        movements,
        daily: dailyOf(movements),
        balances: balancesOf(movements),
        pending: outs
            .filter((one) => one.processed_at === null && one.refunded_at === null)
            .sort((a, b) => a.created_at - b.created_at || (a.transaction_id < b.transaction_id ? -1 : 1))
            .map(({ transaction_id, account_id, amount_cents, created_at }) => {
                return { transaction_id, account_id, amount_cents, created_at };
            }),
        processing_time: processingTimeOf(outs),
    };
}

function movementsOf(messages: Messages): Movement[] {
    const atOf = (list: readonly Later[], id: string): number | null =>
        list.find((message) => message.transaction_id === id)?.inserted_at ?? null;
    const found = new Map<string, Movement>();
    for (const kind of ['cash_in', 'cash_out'] as const) {
        for (const message of kind === 'cash_in' ? messages.cash_ins : messages.cash_outs_created) {
            const { transaction_id, account_id, counterparty_account_id, amount, inserted_at } = message;
            const isOut = kind === 'cash_out';
            found.set(`${transaction_id} ${kind}`, {
                transaction_id,
                kind,
                account_id,
                counterparty_account_id,
                amount_cents: amount,
                created_at: inserted_at,
                processed_at: isOut ? atOf(messages.cash_outs_processed, transaction_id) : null,
                refunded_at: isOut ? atOf(messages.cash_outs_refunded, transaction_id) : null,
            });
        }
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, movement]) => movement);
}

function dailyOf(movements: readonly Movement[]) {
    const days = new Map<
        string,
        { date: string; cash_in_cents: number; cash_out_cents: number; refunded_cents: number }
    >();
    const dayAt = (millisecond: number) => {
        const date = dayOf(millisecond);
        const day = days.get(date) ?? { date, cash_in_cents: 0, cash_out_cents: 0, refunded_cents: 0 };
        days.set(date, day);
        return day;
    };
    for (const { kind, created_at, refunded_at, amount_cents } of movements) {
        if (kind === 'cash_in') {
            dayAt(created_at).cash_in_cents += amount_cents;
        } else {
            dayAt(created_at).cash_out_cents += amount_cents;
        }
        if (refunded_at !== null) {
            dayAt(refunded_at).refunded_cents += amount_cents;
        }
    }
    return [...days.values()].sort((a, b) => (a.date < b.date ? -1 : 1));
}

function balancesOf(movements: readonly Movement[]) {
    const balances = new Map<string, number>();
    for (const { kind, account_id, amount_cents, refunded_at } of movements) {
        let balance = balances.get(account_id) ?? 0;
        if (kind === 'cash_in') {
            balance += amount_cents;
        } else {
            balance -= amount_cents;
        }
        if (refunded_at !== null) {
            balance += amount_cents;
        }
        balances.set(account_id, balance);
    }
    return [...balances]
        .map(([account_id, balance_cents]) => ({ account_id, balance_cents }))
        .sort((a, b) => (a.account_id < b.account_id ? -1 : 1));
}

function processingTimeOf(outs: readonly Movement[]) {
    const days = new Map<string, number[]>();
    for (const { created_at, processed_at } of outs) {
        if (processed_at !== null) {
            days.set(dayOf(created_at), [...(days.get(dayOf(created_at)) ?? []), processed_at - created_at]);
        }
    }
    return [...days]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([date, milliseconds]) => {
            const count = BigInt(milliseconds.length);
            const total = BigInt(milliseconds.reduce((sum, one) => sum + one, 0));
            // Ten-thousandths of a second, half up.
            const average = Number((total * 20n + count) / (count * 2n)) / 10_000;
            return { date, processed: milliseconds.length, average_seconds: average };
        });
}

function dayOf(millisecond: number): string {
    return new Date(millisecond).toISOString().slice(0, 10);
}
