-- row: one card transaction of the user, in the order of time, then of landing
-- param: userId integer required

select
    user_id,
    transaction_type,
    merchant_type_code,
    amount_cents,
    amount_cents / 100.0 as amount_in_dollars,
    datetime
from transactions
where user_id = :userId
-- SQLite's own time functions would round microseconds.
order by replace(datetime, ' ', 'T'), _seq;
