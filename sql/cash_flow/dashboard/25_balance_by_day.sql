-- title: Balance at the end of each day
-- chart: line
-- unit: cents
-- row: one day (UTC) with a movement: what had come in until its end, less what had gone out and was not given back
-- why: is there enough cash; it begins with the first movement, so it is not the bank's balance
-- param: from date
-- param: to date

with booked as (
    select
        date(created_at / 1000, 'unixepoch') as date,
        iif(kind = 'cash_in', amount_cents, -amount_cents) as change_cents
    from movements

    union all

    select
        date(refunded_at / 1000, 'unixepoch') as date,
        amount_cents as change_cents
    from movements
    where refunded_at is not null
),

daily as (
    select
        date,
        sum(change_cents) as change_cents
    from booked
    group by date
),

running as (
    select
        date,
        sum(change_cents) over (order by date rows between unbounded preceding and current row) as balance_cents
    from daily
)

select
    date,
    balance_cents
from running
where (:from is null or date >= :from)
    and (:to is null or date <= :to)
order by date;
