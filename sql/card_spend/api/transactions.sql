-- row: one card transaction of the user, in the order of time, then of landing
-- route: GET /api/v1/data/transactions/{userId}
-- param: userId integer required
-- page: _moment, _seq
-- column: user_id integer
-- column: transaction_type text
-- column: merchant_type_code text
-- column: amount_cents integer
-- column: amount_in_dollars number
-- column: datetime timestamp cut to seconds
-- example: userId=31373

select
    user_id,
    transaction_type,
    merchant_type_code,
    amount_cents,
    amount_cents / 100.0 as amount_in_dollars,
    datetime,
    -- SQLite's time functions would round microseconds.
    replace(datetime, ' ', 'T') as _moment,
    _seq
from transactions
where user_id = :userId
order by _moment, _seq;
