-- row: one movement that was booked on that day in that direction, the largest first
-- param: date date required
-- param: direction text required

with booked as (
    select
        *,
        case when kind = 'cash_in' then 'in' else 'out' end as direction,
        created_at as booked_at
    from movements

    union all

    select
        *,
        'refunded' as direction,
        refunded_at as booked_at
    from movements
    where refunded_at is not null
)

select
    datetime(booked_at / 1000, 'unixepoch') as booked_at,
    direction,
    transaction_id,
    amount_cents,
    account_id,
    counterparty_account_id
from booked
where booked.direction = :direction
    and booked.booked_at >= unixepoch(:date) * 1000
    and booked.booked_at < unixepoch(:date, '+1 day') * 1000
order by amount_cents desc, transaction_id;
