-- row: one cash-in or cash-out that was created in the period, the latest first
-- param: column text
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
-- A refund counts when it is made, all else when it was created.
where (:from is null or iif(:column = 'refunded_cents', refunded_at, movements.created_at) >= unixepoch(:from) * 1000)
    and (
        :to is null
        or iif(:column = 'refunded_cents', refunded_at, movements.created_at) < unixepoch(:to, '+1 day') * 1000
    )
    and case :column
        when 'cash_in_cents' then kind = 'cash_in'
        when 'cash_out_cents' then kind = 'cash_out'
        when 'cash_outs' then kind = 'cash_out'
        when 'refunded_cents' then refunded_at is not null
        when 'refund_rate_percent' then kind = 'cash_out' and refunded_at is not null
        when 'pending' then kind = 'cash_out' and processed_at is null and refunded_at is null
        when 'average_processing_seconds' then processed_at is not null
        else true
    end
order by movements.created_at desc, transaction_id, kind;
