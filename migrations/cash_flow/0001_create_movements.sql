-- The published table of account movements, one row per cash-in or cash-out, filled by
-- sql/cash_flow/marts/movements.sql.
--   kind                   cash_in, which adds to account_id, or cash_out, which takes from it when it is created
--   counterparty_account_id  the other side; it is not booked
--   created_at             milliseconds since 1970 in UTC: when the message was inserted
--   processed_at           when its message was inserted, null before; always null for a cash-in
--   refunded_at            the same; the amount goes back to account_id
create table movements (
    transaction_id text not null,
    kind text not null check (kind in ('cash_in', 'cash_out')),
    account_id text not null,
    counterparty_account_id text not null,
    amount_cents integer not null,
    created_at integer not null,
    processed_at integer,
    refunded_at integer,
    primary key (transaction_id, kind)
) strict;

create index movements_by_account on movements (account_id);
