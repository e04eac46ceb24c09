-- title: In, out and given back, by day
-- chart: line
-- unit: cents
-- grain: sum
-- series: direction
-- row: one day (UTC of the message concerned) and one direction
-- why: whether more goes out than comes in, and how much of it returns
-- param: from date
-- param: to date

with booked as (
    select
        date(created_at / 1000, 'unixepoch') as date,
        iif(kind = 'cash_in', 'in', 'out') as direction,
        amount_cents
    from movements

    union all

    select
        date(refunded_at / 1000, 'unixepoch') as date,
        'refunded' as direction,
        amount_cents
    from movements
    where refunded_at is not null
)

select
    date,
    direction,
    sum(amount_cents) as amount_cents
from booked
where (:from is null or date >= :from)
    and (:to is null or date <= :to)
group by date, direction
order by date, direction;
