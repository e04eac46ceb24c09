-- row: one movement that was booked on that day, the largest first; out of the account below zero
-- param: date date required

with booked as (
    select
        created_at as booked_at,
        iif(kind = 'cash_in', amount_cents, -amount_cents) as change_cents,
        transaction_id,
        iif(kind = 'cash_in', 'in', 'out') as direction,
        account_id,
        counterparty_account_id
    from movements

    union all

    select
        refunded_at as booked_at,
        amount_cents as change_cents,
        transaction_id,
        'refunded' as direction,
        account_id,
        counterparty_account_id
    from movements
    where refunded_at is not null
)

select
    datetime(booked_at / 1000, 'unixepoch') as booked_at,
    direction,
    transaction_id,
    change_cents,
    account_id,
    counterparty_account_id
from booked
where booked.booked_at >= unixepoch(:date) * 1000
    and booked.booked_at < unixepoch(:date, '+1 day') * 1000
order by abs(change_cents) desc, transaction_id, direction;
