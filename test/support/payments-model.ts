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

/** What differs between the two shapes of payments that come along. */
export interface PaymentsShape {
    readonly pipeline: 'payments' | 'payments_v1';
    readonly tables: readonly ModelTable[];
    readonly event: { readonly table: string; readonly key: string };
    readonly token: { readonly table: string; readonly key: string };
    /** What of several requests the latest one is found by, the most important first. */
    readonly latest: readonly string[];
}

export const PAYMENTS_V1: PaymentsShape = {
    pipeline: 'payments_v1',
    tables: PAYMENTS_TABLES,
    event: { table: 'event', key: 'id' },
    token: { table: 'payment_instrument_token', key: 'transaction_id' },
    latest: ['transaction_request_id'],
};

/** What the newer tables have besides, which no mart reads: without it their files could not be run by hand. */
const MORE: Readonly<Record<string, string>> = {
    event_v2_data: `event_sort_id:integer date event_type updates third_party_request third_party_response notification
        notification_type delivered:integer notification_config_id connection_callback_request_id transaction_request_id
        old_event_id payment_id reason connection_id`,
    transaction: `processor_transaction_id date merchant_reference direction status risk_data sale_transaction_id created_at
        updated_at external_risk_data network_transaction_id payment_id token_id statement_descriptor`,
    transaction_request: `idempotency_key transaction_request_type transaction_id processor_merchant_account_id user_id
        amount:integer currency_code submit_for_settlement:integer billing_address reference final:integer reason
        sale_transaction_id customer_details recurring payment_request_id statement_descriptor metadata`,
    payment_instrument_token_data: `analytics_id merchant_analytics_id token_type payment_instrument_data
        multi_use_token_id`,
};

function withMore(table: ModelTable, name: string, key: string, own: readonly ModelColumn[] = []): ModelTable {
    const [first, ...others] = table.columns as [ModelColumn, ...ModelColumn[]];
    const more = (MORE[name] ?? '').split(/\s+/).map((each): ModelColumn => {
        const [of = '', type] = each.split(':');
        return column(of, [null], false, type);
    });
    return { ...table, name, key: [key], columns: [{ ...first, name: key }, ...others, ...own, ...more] };
}

const [EVENT, PAYMENT, REQUEST, TOKEN] = PAYMENTS_TABLES as [ModelTable, ModelTable, ModelTable, ModelTable];

export const PAYMENTS_V2: PaymentsShape = {
    pipeline: 'payments',
    tables: [
        withMore(EVENT, 'event_v2_data', 'event_id'),
        withMore(PAYMENT, 'transaction', 'transaction_id'),
        withMore(REQUEST, 'transaction_request', 'transaction_request_id', [
            column('created_at', ['2021-06-16', '2022-01-01', null]),
        ]),
        withMore(TOKEN, 'payment_instrument_token_data', 'token_id'),
    ],
    event: { table: 'event_v2_data', key: 'event_id' },
    token: { table: 'payment_instrument_token_data', key: 'token_id' },
    latest: ['created_at', 'transaction_request_id'],
};

/** The rows that `metrics` must hold, in the order of its columns, sorted by id. */
export function paymentsMetrics(model: PostgresModel, shape: PaymentsShape = PAYMENTS_V1): Value[][] {
    const byKey = (table: string, key: string) => new Map(model.table(table).map((row) => [row[key], row]));
    const payments = byKey('transaction', 'transaction_id');
    const tokens = byKey(shape.token.table, shape.token.key);
    return model
        .table(shape.event.table)
        .flatMap((event) => {
            const payment = event.transaction_id === null ? undefined : payments.get(event.transaction_id as Value);
            const request = model
                .table('transaction_request')
                .filter(
                    (one) => one.flow_id !== null && one.flow_id === event.flow_id && tokens.has(one.token_id as Value),
                )
                .sort((left, right) => compare(right, left, shape.latest))[0];
            const token = request === undefined ? undefined : tokens.get(request.token_id as Value);
            if (payment === undefined || request === undefined || token === undefined) {
                return [];
            }
            return [metricsRow(event[shape.event.key], event, payment, request, token)];
        })
        .sort((left, right) => (String(left[0]) < String(right[0]) ? -1 : 1));
}

function metricsRow(id: Value | undefined, event: Row, payment: Row, request: Row, token: Row): Value[] {
    return [
        id,
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

/** A null comes before every value. */
function compare(left: Row, right: Row, names: readonly string[]): number {
    const name = names.find((one) => (left[one] ?? null) !== (right[one] ?? null));
    if (name === undefined) {
        return 0;
    }
    return left[name] != null && (right[name] == null || String(left[name]) > String(right[name])) ? 1 : -1;
}
