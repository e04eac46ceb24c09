import type { RandomSource } from '../../core/random-source.ts';
import { timestampText } from '../../core/timestamp-text.ts';
import { randomBase64, randomUuid } from '../random-values.ts';
import {
    customerDetails,
    errorDetails,
    identifier,
    instrumentData,
    requestMetadata,
    statusUpdate,
    thirdPartyRequest,
    thirdPartyResponse,
    threeDSecureData,
    vaultData,
    vaultOptions,
} from './documents.ts';
import { drawFlow, type PaymentFlow, quoted, retryOf } from './flow.ts';
import { BLOCK_MICROS, type FlowStep, planBlock } from './plan.ts';
import { EVENT_TABLE, REQUEST_TABLE, type SampleTable, TOKEN_TABLE, TRANSACTION_TABLE } from './tables.ts';

/** An inserted row. Its values are JSON texts, one per column of the table. */
interface SampleRow {
    readonly table: SampleTable;
    readonly values: readonly string[];
    /** When it was inserted: microseconds since 1970, UTC. */
    readonly micros: number;
}

/** 2024-03-01 09:00:00 UTC. */
export const FIRST_MICROS = 1_709_283_600_000_000;
const FIRST_EVENT_SORT_ID = 40_000_001;

/** The endless rows of the sample, in the order of their times. Memory: one block of flows. */
export function* paymentsRows(random: RandomSource): Generator<SampleRow, never> {
    let eventSortId = FIRST_EVENT_SORT_ID;
    for (let block = 0; ; block++) {
        const flows: PaymentFlow[] = [];
        const retries: PaymentFlow[] = [];
        for (const { flow: index, step, micros } of planBlock(random)) {
            flows[index] ??= drawFlow(random);
            const moment = FIRST_MICROS + block * BLOCK_MICROS + micros;
            const flow = flows[index];
            if (step === 'retry token' || step === 'retry request') {
                retries[index] ??= retryOf(flow, random);
                yield rowOf(retries[index], step, random, moment, eventSortId);
            } else {
                const row = rowOf(flow, step, random, moment, eventSortId);
                eventSortId += row.table === EVENT_TABLE ? 1 : 0;
                yield row;
            }
        }
    }
}

function rowOf(
    flow: PaymentFlow,
    step: FlowStep,
    random: RandomSource,
    micros: number,
    eventSortId: number,
): SampleRow {
    switch (step) {
        case 'token':
        case 'retry token':
            return { table: TOKEN_TABLE, values: tokenValues(flow, random), micros };
        case 'transaction':
            return { table: TRANSACTION_TABLE, values: transactionValues(flow, micros), micros };
        case 'request':
        case 'retry request':
            return { table: REQUEST_TABLE, values: requestValues(flow, random, micros), micros };
        default:
            return { table: EVENT_TABLE, values: eventValues(flow, step, random, micros, eventSortId), micros };
    }
}

function tokenValues(flow: PaymentFlow, random: RandomSource): readonly string[] {
    const vaulted = random.chance(200);
    return [
        flow.tokenId,
        quoted(flow.merchant.analytics),
        quoted(flow.merchant.merchantAnalytics),
        vaulted ? '"MULTI_USE"' : '"SINGLE_USE"',
        quoted(flow.instrumentType),
        instrumentData(flow, random),
        vaulted ? vaultData(flow, random) : 'null',
        flow.instrumentType === 'PAYMENT_CARD' && random.chance(300) ? threeDSecureData(random) : 'null',
        vaulted ? quoted(randomBase64(random, 18)) : 'null',
    ];
}

function transactionValues(flow: PaymentFlow, micros: number): readonly string[] {
    const time = quoted(timestampText(micros));
    return [
        flow.transactionId,
        'null', // processor_transaction_id
        '"SALE"',
        time,
        quoted(flow.merchant.account),
        quoted(flow.reference),
        flow.amount,
        quoted(flow.currency),
        '"DEBIT"',
        '"PENDING"',
        'null', // risk_data
        'null', // sale_transaction_id
        time,
        time,
        'null', // external_risk_data
        'null', // network_transaction_id
        flow.paymentId,
        flow.tokenId,
        'null', // statement_descriptor
    ];
}

function requestValues(flow: PaymentFlow, random: RandomSource, micros: number): readonly string[] {
    return [
        flow.requestId,
        random.chance(100) ? identifier('idem-', random) : 'null',
        '"AUTHORIZATION_REQUEST"',
        flow.transactionId,
        quoted(flow.merchant.account),
        quoted(flow.merchant.user),
        quoted(timestampText(micros)),
        flow.amount,
        quoted(flow.currency),
        random.chance(150) ? 'true' : 'false',
        'null', // billing_address
        quoted(flow.reference),
        'null', // final
        'null', // reason
        'null', // sale_transaction_id
        customerDetails(flow, random),
        'null', // recurring
        flow.flowId,
        vaultOptions(flow),
        flow.tokenId,
        quoted(randomUuid(random)),
        'null', // statement_descriptor
        requestMetadata(random),
    ];
}

type EventStep = Exclude<FlowStep, 'token' | 'transaction' | 'request' | 'retry token' | 'retry request'>;

const EVENT_TYPES: Readonly<Record<EventStep, string>> = {
    'third party': '"THIRD_PARTY_REQUEST"',
    update: '"UPDATE"',
    submitted: '"TRANSACTION_LIFECYCLE_EVENT"',
    outcome: '"TRANSACTION_LIFECYCLE_EVENT"',
};

const STATUSES = { authorized: 'AUTHORIZED', declined: 'DECLINED', failed: 'FAILED' } as const;
const LIFECYCLE_ENDS = {
    authorized: '"AUTHORIZATION_SUCCEEDED"',
    declined: '"AUTHORIZATION_DECLINED"',
    failed: '"AUTHORIZATION_FAILED"',
} as const;

function eventValues(
    flow: PaymentFlow,
    step: EventStep,
    random: RandomSource,
    micros: number,
    sortId: number,
): readonly string[] {
    // An event is written some milliseconds after it happened; an update is written as it happens.
    const happened = step === 'update' ? micros : micros - random.below(6_000);
    const thirdParty = step === 'third party';
    const lifecycle = step === 'submitted' || step === 'outcome';
    const lifecycleEvent = step === 'submitted' ? '"AUTHORIZATION_SUBMITTED"' : LIFECYCLE_ENDS[flow.outcome.kind];
    return [
        quoted(randomUuid(random)),
        String(sortId),
        quoted(timestampText(happened)),
        EVENT_TYPES[step],
        flow.flowId,
        flow.transactionId,
        step === 'update' ? statusUpdate(STATUSES[flow.outcome.kind]) : 'null',
        lifecycle ? lifecycleEvent : 'null',
        thirdParty ? thirdPartyRequest(flow, random, happened - 70_000) : 'null',
        thirdParty ? thirdPartyResponse(flow, random, happened - 200) : 'null',
        'null', // notification
        quoted(timestampText(micros)),
        'null', // notification_type
        step === 'outcome' ? errorDetails(flow) : 'null',
        'null', // delivered
        'null', // notification_config_id
        'null', // connection_callback_request_id
        lifecycle ? flow.requestId : 'null',
        'null', // old_event_id
        'null', // payment_id
        'null', // reason
        thirdParty ? quoted(flow.processor.connection) : 'null',
    ];
}
