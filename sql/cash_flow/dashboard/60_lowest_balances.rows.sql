-- row: one movement of that account, the latest first
-- param: account_id text required

select
    datetime(created_at / 1000, 'unixepoch') as created_at,
    transaction_id,
    kind,
    amount_cents,
    account_id,
    counterparty_account_id,
    datetime(processed_at / 1000, 'unixepoch') as processed_at,
    datetime(refunded_at / 1000, 'unixepoch') as refunded_at
from movements
where account_id = :account_id
order by movements.created_at desc, transaction_id, kind;
