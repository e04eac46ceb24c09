-- row: one cash-in or cash-out that was created in the period, the latest first
-- param: from date
-- param: to date

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
where (:from is null or movements.created_at >= unixepoch(:from) * 1000)
    and (:to is null or movements.created_at < unixepoch(:to, '+1 day') * 1000)
order by movements.created_at desc, transaction_id, kind;
