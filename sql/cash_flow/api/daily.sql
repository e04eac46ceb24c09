-- row: one day (UTC of the message concerned): cash in, cash out, refunds
-- route: GET /api/v1/cash_flow/daily
-- page: date
-- column: date date
-- column: cash_in_cents integer
-- column: cash_out_cents integer
-- column: refunded_cents integer

with booked as (
    select
        date(created_at / 1000, 'unixepoch') as date,
        iif(kind = 'cash_in', amount_cents, 0) as cash_in_cents,
        iif(kind = 'cash_out', amount_cents, 0) as cash_out_cents,
        0 as refunded_cents
    from movements

    union all

    select
        date(refunded_at / 1000, 'unixepoch') as date,
        0 as cash_in_cents,
        0 as cash_out_cents,
        amount_cents as refunded_cents
    from movements
    where refunded_at is not null
)

select
    date,
    sum(cash_in_cents) as cash_in_cents,
    sum(cash_out_cents) as cash_out_cents,
    sum(refunded_cents) as refunded_cents
from booked
group by date
order by date;
