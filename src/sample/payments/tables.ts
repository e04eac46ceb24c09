/** A table of the payments document, as in the stream. Its first column is its key. */
export interface SampleTable {
    readonly name: string;
    /** Name and PostgreSQL type of each column, in the table's order. */
    readonly columns: readonly (readonly [name: string, type: string])[];
}

export const TOKEN_TABLE: SampleTable = {
    name: 'payment_instrument_token_data',
    columns: [
        ['token_id', 'character varying(36)'],
        ['analytics_id', 'character varying(44)'],
        ['merchant_analytics_id', 'character varying(44)'],
        ['token_type', 'token_type'],
        ['payment_instrument_type', 'character varying(255)'],
        ['payment_instrument_data', 'jsonb'],
        ['vault_data', 'jsonb'],
        ['three_d_secure_authentication', 'jsonb'],
        ['multi_use_token_id', 'character varying(36)'],
    ],
};

export const TRANSACTION_TABLE: SampleTable = {
    name: 'transaction',
    columns: [
        ['transaction_id', 'uuid'],
        ['processor_transaction_id', 'character varying(255)'],
        ['transaction_type', 'transaction_type'],
        ['date', 'timestamp without time zone'],
        ['processor_merchant_account_id', 'uuid'],
        ['merchant_reference', 'character varying(255)'],
        ['amount', 'integer'],
        ['currency_code', 'character(3)'],
        ['direction', 'transaction_direction'],
        ['status', 'transaction_status'],
        ['risk_data', 'jsonb'],
        ['sale_transaction_id', 'uuid'],
        ['created_at', 'timestamp without time zone'],
        ['updated_at', 'timestamp without time zone'],
        ['external_risk_data', 'jsonb'],
        ['network_transaction_id', 'character varying(255)'],
        ['payment_id', 'uuid'],
        ['token_id', 'character varying(36)'],
        ['statement_descriptor', 'character varying(255)'],
    ],
};

export const REQUEST_TABLE: SampleTable = {
    name: 'transaction_request',
    columns: [
        ['transaction_request_id', 'uuid'],
        ['idempotency_key', 'character varying(255)'],
        ['transaction_request_type', 'transaction_request_type'],
        ['transaction_id', 'uuid'],
        ['processor_merchant_account_id', 'uuid'],
        ['user_id', 'uuid'],
        ['created_at', 'timestamp without time zone'],
        ['amount', 'integer'],
        ['currency_code', 'character(3)'],
        ['submit_for_settlement', 'boolean'],
        ['billing_address', 'jsonb'],
        ['reference', 'character varying(255)'],
        ['final', 'boolean'],
        ['reason', 'character varying(255)'],
        ['sale_transaction_id', 'uuid'],
        ['customer_details', 'jsonb'],
        ['recurring', 'jsonb'],
        ['flow_id', 'uuid'],
        ['vault_options', 'jsonb'],
        ['token_id', 'character varying(36)'],
        ['payment_request_id', 'uuid'],
        ['statement_descriptor', 'character varying(255)'],
        ['metadata', 'jsonb'],
    ],
};

export const EVENT_TABLE: SampleTable = {
    name: 'event_v2_data',
    columns: [
        ['event_id', 'uuid'],
        ['event_sort_id', 'bigint'],
        ['date', 'timestamp without time zone'],
        ['event_type', 'event_type'],
        ['flow_id', 'uuid'],
        ['transaction_id', 'uuid'],
        ['updates', 'jsonb'],
        ['transaction_lifecycle_event', 'transaction_lifecycle_event_type'],
        ['third_party_request', 'jsonb'],
        ['third_party_response', 'jsonb'],
        ['notification', 'jsonb'],
        ['created_at', 'timestamp without time zone'],
        ['notification_type', 'notification_type'],
        ['error_details', 'jsonb'],
        ['delivered', 'boolean'],
        ['notification_config_id', 'uuid'],
        ['connection_callback_request_id', 'text'],
        ['transaction_request_id', 'uuid'],
        ['old_event_id', 'uuid'],
        ['payment_id', 'uuid'],
        ['reason', 'character varying(255)'],
        ['connection_id', 'character varying(255)'],
    ],
};

export const PAYMENTS_TABLES: readonly SampleTable[] = [TOKEN_TABLE, TRANSACTION_TABLE, REQUEST_TABLE, EVENT_TABLE];
