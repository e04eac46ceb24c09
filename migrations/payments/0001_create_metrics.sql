-- The published table of the payments dashboard, one row per event; filled by sql/payments/marts/metrics.sql.
-- That file also creates the unique index on its key, after the first fill.
-- Types follow the types in the stream: integer is integer; uuid, timestamp, enum, varchar, jsonb are text.
create table metrics (
    event_id text not null,
    flow_id text,
    created_at text,
    transaction_lifecycle_event text,
    decline_reason text,
    decline_type text,
    payment_method text,
    transaction_id text,
    transaction_type text,
    amount integer,
    currency_code text,
    processor_merchant_account_id text,
    three_d_secure_authentication text,
    payment_instrument_type text,
    customer_id text
) strict;
