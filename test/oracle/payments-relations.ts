import type { Random } from '../support/random.ts';
import type { Column, Relation } from './relation.ts';
import { literal, type ValueType } from './value-type.ts';
import { INTEGER, TEXT, TIMESTAMP, UUID, valueType } from './value-types.ts';

/*
 * The four tables of the payments document, with the column names and types of its stream. Columns that the
 * join reads draw from small pools, so that events, flows, transactions and tokens meet often, and are often null.
 */
const POOL = 12;
const BOOLEAN = valueType('boolean');
const JSONB = valueType('jsonb');
const BIGINT = valueType('bigint');
const ODD_JSON_VALUES = [
    'null',
    '"DECLINED"',
    '0.10',
    '1.0',
    '12345678901234567890',
    '1e400',
    'true',
    'false',
    '""',
    '"007"',
    '"\\u2028 \\"q\\" \\\\ é😀"',
    '{"a": [1, 2.50]}',
    '[]',
    '"null"',
    '-0',
];

export const PAYMENTS_TYPES_SQL = enums({
    token_type: ['SINGLE_USE', 'MULTI_USE'],
    event_type: ['TRANSACTION_LIFECYCLE_EVENT', 'UPDATE', 'THIRD_PARTY_REQUEST'],
    transaction_lifecycle_event_type: ['AUTHORIZATION_FAILED', 'AUTHORIZATION_SUBMITTED', 'SETTLED'],
    notification_type: ['WEBHOOK'],
    transaction_type: ['SALE', 'REFUND'],
    transaction_direction: ['DEBIT', 'CREDIT'],
    transaction_status: ['PENDING', 'FAILED', 'DONE'],
    transaction_request_type: ['AUTHORIZATION_REQUEST', 'CAPTURE_REQUEST'],
});

const flow = pooled(UUID, (n) => `0000000f-0000-4000-8000-${String(n).padStart(12, '0')}`);
const transaction = pooled(UUID, (n) => `0000000a-0000-4000-8000-${String(n).padStart(12, '0')}`);
const token = pooled(valueType('character varying(40)'), (n) => `token-${n}`, 'character varying(36)');
/** Within the years in which text and time sort alike: the tie rule sorts by it. */
const moment: ValueType = {
    ...TIMESTAMP,
    odd: ["'2021-06-03 07:47:50'", "'2021-06-03 07:47:50.1'", "'2021-06-03 07:47:50.12'", "'infinity'"],
};
const varchar = (length: number): ValueType => ({
    ...valueType('character varying(40)'),
    name: `character varying(${length})`,
});
const currency: ValueType = {
    ...TEXT,
    name: 'character(3)',
    odd: ["'GBP'", "'E'", "''", "'é'"],
    usual: (random) => literal(random.pick(['EUR', 'USD', 'GBP'])),
};

export const PAYMENTS_RELATIONS: readonly Relation[] = [
    relation(
        'payment_instrument_token_data',
        {
            token_id: token,
            analytics_id: varchar(44),
            merchant_analytics_id: varchar(44),
            token_type: enumOf('token_type', ['SINGLE_USE', 'MULTI_USE']),
            payment_instrument_type: varchar(255),
            payment_instrument_data: JSONB,
            vault_data: documentWith('customer_id'),
            three_d_secure_authentication: JSONB,
            multi_use_token_id: varchar(36),
        },
        ['payment_instrument_data'],
    ),
    relation(
        'event_v2_data',
        {
            event_id: UUID,
            event_sort_id: BIGINT,
            date: TIMESTAMP,
            event_type: enumOf('event_type', ['UPDATE', 'THIRD_PARTY_REQUEST']),
            flow_id: flow,
            transaction_id: transaction,
            updates: JSONB,
            transaction_lifecycle_event: enumOf('transaction_lifecycle_event_type', [
                'AUTHORIZATION_FAILED',
                'SETTLED',
            ]),
            third_party_request: JSONB,
            third_party_response: JSONB,
            notification: JSONB,
            created_at: TIMESTAMP,
            notification_type: enumOf('notification_type', ['WEBHOOK']),
            error_details: documentWith('decline_reason', 'decline_type'),
            delivered: BOOLEAN,
            notification_config_id: UUID,
            connection_callback_request_id: TEXT,
            transaction_request_id: UUID,
            old_event_id: UUID,
            payment_id: UUID,
            reason: varchar(255),
            connection_id: varchar(255),
        },
        ['third_party_request', 'third_party_response'],
    ),
    relation(
        'transaction',
        {
            transaction_id: transaction,
            processor_transaction_id: varchar(255),
            transaction_type: enumOf('transaction_type', ['SALE', 'REFUND']),
            date: TIMESTAMP,
            processor_merchant_account_id: UUID,
            merchant_reference: varchar(255),
            amount: INTEGER,
            currency_code: currency,
            direction: enumOf('transaction_direction', ['DEBIT', 'CREDIT']),
            status: enumOf('transaction_status', ['PENDING', 'DONE']),
            risk_data: JSONB,
            sale_transaction_id: UUID,
            created_at: TIMESTAMP,
            updated_at: TIMESTAMP,
            external_risk_data: JSONB,
            network_transaction_id: varchar(255),
            payment_id: UUID,
            token_id: token,
            statement_descriptor: varchar(255),
        },
        ['risk_data'],
    ),
    relation(
        'transaction_request',
        {
            transaction_request_id: UUID,
            idempotency_key: varchar(255),
            transaction_request_type: enumOf('transaction_request_type', ['AUTHORIZATION_REQUEST']),
            transaction_id: transaction,
            processor_merchant_account_id: UUID,
            user_id: UUID,
            created_at: moment,
            amount: INTEGER,
            currency_code: currency,
            submit_for_settlement: BOOLEAN,
            billing_address: JSONB,
            reference: varchar(255),
            final: BOOLEAN,
            reason: varchar(255),
            sale_transaction_id: UUID,
            customer_details: JSONB,
            recurring: JSONB,
            flow_id: flow,
            vault_options: documentWith('payment_method'),
            token_id: token,
            payment_request_id: UUID,
            statement_descriptor: varchar(255),
            metadata: JSONB,
        },
        ['customer_details'],
    ),
];

/** Columns that `metrics` reads: the workload neither drops, renames nor retypes them. */
export const METRICS_COLUMNS: ReadonlySet<string> = new Set([
    'event_id',
    'flow_id',
    'created_at',
    'transaction_lifecycle_event',
    'error_details',
    'vault_options',
    'transaction_id',
    'transaction_type',
    'amount',
    'currency_code',
    'processor_merchant_account_id',
    'three_d_secure_authentication',
    'payment_instrument_type',
    'vault_data',
    'token_id',
    'transaction_request_id',
]);

function relation(name: string, types: Readonly<Record<string, ValueType>>, toasted: readonly string[]): Relation {
    const names = Object.keys(types);
    const key = [names[0] as string];
    const columns = names.map((column): Column => {
        const type = types[column] as ValueType;
        return toasted.includes(column)
            ? { name: column, type: JSONB, toasted: true }
            : { name: column, type, ...(column === key[0] ? { notNull: true } : {}) };
    });
    return {
        schema: 'public',
        name,
        columns,
        key,
        unique: key,
        identity: 'default',
        cases: ['payments tables' as const],
    };
}

function pooled(type: ValueType, text: (n: number) => string, name = type.name): ValueType {
    const usual = (random: Random): string => `${literal(text(random.int(1, POOL)))}::${name}`;
    return {
        ...type,
        name,
        odd: [`${literal(text(1))}::${name}`],
        usual,
        unique: (_n, random) => `${literal(text(random.int(1, POOL * 2)))}::${name}`,
    };
}

function enumOf(name: string, labels: readonly string[]): ValueType {
    return { name, odd: [literal(labels[0] as string)], usual: (random) => literal(random.pick(labels)) };
}

/** jsonb documents whose `keys` are present, absent, null, or of an odd value. */
function documentWith(...keys: readonly string[]): ValueType {
    const usual = (random: Random): string => {
        const members = keys.filter(() => random.chance(85)).map((key) => `"${key}": ${random.pick(ODD_JSON_VALUES)}`);
        return `${literal(`{${[`"source": "x"`, ...members].join(', ')}}`)}::jsonb`;
    };
    return { ...JSONB, odd: ["'null'", "'[]'", '\'"text"\'', "'{}'"], usual };
}

function enums(types: Readonly<Record<string, readonly string[]>>): string {
    return Object.entries(types)
        .map(([name, labels]) => `create type ${name} as enum (${labels.map(literal).join(', ')});`)
        .join('\n');
}
