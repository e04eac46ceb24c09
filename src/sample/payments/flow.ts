import type { RandomSource } from '../../core/random-source.ts';
import { randomBase36, randomBase64, randomUuid } from '../random-values.ts';
import {
    CURRENCIES,
    DECLINES,
    type EscapedText,
    FAILURES,
    INSTRUMENT_TYPES,
    MERCHANTS,
    PAYMENT_METHODS,
    PEOPLE,
    PLACES,
    PROCESSORS,
} from './vocabulary.ts';

/** How a payment ends. `failed` is an error of the processor, without a decline reason. */
export type Outcome =
    | { readonly kind: 'authorized' }
    | { readonly kind: 'declined'; readonly decline: (typeof DECLINES)[number] }
    | { readonly kind: 'failed'; readonly failure: (typeof FAILURES)[number] };

/** One attempt to pay: what its records in the four tables share. Identifiers include their quotes. */
export interface PaymentFlow {
    readonly flowId: string;
    readonly transactionId: string;
    readonly requestId: string;
    readonly tokenId: string;
    readonly paymentId: string;
    /** Eight letters or digits, without quotes, because it is also part of longer texts. */
    readonly reference: string;
    readonly amount: string;
    readonly currency: string;
    readonly merchant: (typeof MERCHANTS)[number];
    readonly processor: (typeof PROCESSORS)[number];
    readonly person: EscapedText;
    readonly place: (typeof PLACES)[number];
    readonly instrumentType: (typeof INSTRUMENT_TYPES)[number];
    readonly paymentMethod: string | null;
    readonly outcome: Outcome;
}

/** The flow as its customer retries it: another request with its own token. */
export function retryOf(flow: PaymentFlow, random: RandomSource): PaymentFlow {
    return {
        ...flow,
        requestId: quoted(randomUuid(random)),
        tokenId: quoted(randomBase64(random, 18)),
        instrumentType: flow.instrumentType === 'PAYMENT_CARD' ? 'DIGITAL_WALLET' : 'PAYMENT_CARD',
        paymentMethod: flow.paymentMethod === 'ALWAYS' ? 'NEVER' : 'ALWAYS',
    };
}

export function drawFlow(random: RandomSource): PaymentFlow {
    return {
        flowId: quoted(randomUuid(random)),
        transactionId: quoted(randomUuid(random)),
        requestId: quoted(randomUuid(random)),
        tokenId: quoted(randomBase64(random, 18)),
        paymentId: quoted(randomUuid(random)),
        reference: randomBase36(random, 4),
        amount: drawAmount(random),
        currency: random.pick(CURRENCIES),
        merchant: random.pick(MERCHANTS),
        processor: random.pick(PROCESSORS),
        person: random.pick(PEOPLE),
        place: random.pick(PLACES),
        instrumentType: random.pick(INSTRUMENT_TYPES),
        paymentMethod: random.pick(PAYMENT_METHODS),
        outcome: drawOutcome(random),
    };
}

/** In the currency's smallest unit; now and then as much as the column's type (integer) can hold. */
function drawAmount(random: RandomSource): string {
    return String(random.chance(3) ? 2_147_483_647 : 100 + random.below(99_900));
}

function drawOutcome(random: RandomSource): Outcome {
    const draw = random.below(100);
    if (draw < 45) {
        return { kind: 'authorized' };
    }
    return draw < 80
        ? { kind: 'declined', decline: random.pick(DECLINES) }
        : { kind: 'failed', failure: random.pick(FAILURES) };
}

export function quoted(text: string): string {
    return `"${text}"`;
}
