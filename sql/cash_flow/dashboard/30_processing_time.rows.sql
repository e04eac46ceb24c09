-- row: one processed cash-out that was created on that day, the slowest first
-- param: date date required

select
    transaction_id,
    (processed_at - created_at + 500) / 1000 as processing_seconds,
    datetime(created_at / 1000, 'unixepoch') as created_at,
    datetime(processed_at / 1000, 'unixepoch') as processed_at,
    amount_cents,
    account_id
from movements
where kind = 'cash_out'
    and movements.processed_at is not null
    and movements.created_at >= unixepoch(:date) * 1000
    and movements.created_at < unixepoch(:date, '+1 day') * 1000
order by movements.processed_at - movements.created_at desc, transaction_id;
