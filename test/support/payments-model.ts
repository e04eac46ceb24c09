import type { ModelColumn, ModelTable, PostgresModel, Row, Value } from './postgres-model.ts';

/** The tables of the older payments shape with few keys, and their metrics worked out without SQL. */

interface Document {
    readonly text: string | null;
    readonly values: Readonly<Record<string, string | null>>;
}

/** JSON columns: what PostgreSQL's `->>` gives of each; a text that is no JSON counts as none. */
const DOCUMENTS: readonly Document[] = [
    { text: null, values: {} },
    {
        text: '{"decline_reason":"FUNDS","decline_type":null,"payment_method":"CARD","customer_id":"c 1"}',
        values: { decline_reason: 'FUNDS', payment_method: 'CARD', customer_id: 'c 1' },
    },
    {
        text: '{"decline_reason":12345678901234567890,"decline_type":true,"customer_id":0.10}',
        values: { decline_reason: '12345678901234567890', decline_type: 'true', customer_id: '0.10' },
    },
    {
        text: '{"payment_method":"😀 \\"quoted\\"","decline_type":""}',
        values: { payment_method: '😀 "quoted"', decline_type: '' },
    },
    { text: 'no json', values: {} },
    { text: '[]', values: {} },
];

const texts = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}${index}`);

function column(name: string, pool: readonly Value[], toasted = true, type = 'text'): ModelColumn {
    return { name, type, pool, toasted };
}

const documents = DOCUMENTS.map(({ text }) => text);

/** So few that most events find their way to a metric, and nulls are rare enough to leave them there. */
const FLOWS: readonly Value[] = [...texts('f', 2), ...texts('f', 2), null];
const PAYMENTS = texts('p', 3);
const TOKENS = texts('k', 3);

export const PAYMENTS_TABLES: readonly ModelTable[] = [
    {
        name: 'event',
        key: ['id'],
        columns: [
            column('id', texts('e', 6), false, 'uuid'),
            column('flow_id', FLOWS),
            column('transaction_id', [...PAYMENTS, ...PAYMENTS, null]),
            column('created_at', ['2021-06-16 08:00:07.49', null]),
            column('transaction_lifecycle_event', ['SETTLED', 'DECLINED']),
            column('error_details', documents, true, 'jsonb'),
        ],
    },
    {
        name: 'transaction',
        key: ['transaction_id'],
        columns: [
            column('transaction_id', PAYMENTS, false, 'uuid'),
            column('transaction_type', ['SALE', null]),
            column('amount', [1, 250, 0, null], false, 'integer'),
            column('currency_code', ['EUR', 'USD']),
            column('processor_merchant_account_id', ['007', '1e5', null]),
        ],
    },
    {
        name: 'transaction_request',
        key: ['transaction_request_id'],
        columns: [
            column('transaction_request_id', texts('r', 5), false, 'uuid'),
            column('flow_id', FLOWS),
            column('token_id', [...TOKENS, ...TOKENS, null]),
            column('vault_options', documents, true, 'jsonb'),
        ],
    },
    {
        name: 'payment_instrument_token',
        key: ['transaction_id'],
        columns: [
            column('transaction_id', TOKENS, false, 'uuid'),
            column('payment_instrument_type', ['CARD', null]),
            column('three_d_secure_authentication', documents, true, 'jsonb'),
            column('vault_data', documents, true, 'jsonb'),
        ],
    },
];

/** The rows that `metrics` must hold, in the order of its columns, sorted by id. */
export function paymentsMetrics(model: PostgresModel): Value[][] {
    const byKey = (table: string, key: string) => new Map(model.table(table).map((row) => [row[key], row]));
    const payments = byKey('transaction', 'transaction_id');
    const tokens = byKey('payment_instrument_token', 'transaction_id');
    return model
        .table('event')
        .flatMap((event) => {
            const payment = event.transaction_id === null ? undefined : payments.get(event.transaction_id as Value);
            const request = model
                .table('transaction_request')
                .filter(
                    (one) => one.flow_id !== null && one.flow_id === event.flow_id && tokens.has(one.token_id as Value),
                )
                .sort((left, right) => compare(right, left, 'transaction_request_id'))[0];
            const token = request === undefined ? undefined : tokens.get(request.token_id as Value);
            if (payment === undefined || request === undefined || token === undefined) {
                return [];
            }
            return [metricsRow(event, payment, request, token)];
        })
        .sort((left, right) => (String(left[0]) < String(right[0]) ? -1 : 1));
}

function metricsRow(event: Row, payment: Row, request: Row, token: Row): Value[] {
    return [
        event.id,
        event.flow_id,
        event.created_at,
        event.transaction_lifecycle_event,
        member(event.error_details, 'decline_reason'),
        member(event.error_details, 'decline_type'),
        member(request.vault_options, 'payment_method'),
        payment.transaction_id,
        payment.transaction_type,
        payment.amount,
        payment.currency_code,
        payment.processor_merchant_account_id,
        token.three_d_secure_authentication,
        token.payment_instrument_type,
        member(token.vault_data, 'customer_id'),
    ] as Value[];
}

function member(text: Value | undefined, name: string): Value {
    return DOCUMENTS.find((document) => document.text === text)?.values[name] ?? null;
}

function compare(left: Row, right: Row, name: string): number {
    return String(left[name]) < String(right[name]) ? -1 : 1;
}
