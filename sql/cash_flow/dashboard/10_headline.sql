-- title: At a glance
-- chart: number
-- row: the whole period
-- why: how much came in, how much went out, and whether anyone waits for money; the messages name no currency
-- param: from date
-- param: to date

with chosen as (
    select *
    from movements
    where (:from is null or created_at >= unixepoch(:from) * 1000)
        and (:to is null or created_at < unixepoch(:to, '+1 day') * 1000)
),

moved as (
    select
        coalesce(sum(case when kind = 'cash_in' then amount_cents end), 0) as cash_in_cents,
        coalesce(sum(case when kind = 'cash_out' then amount_cents end), 0) as cash_out_cents,
        count(case when kind = 'cash_out' then 1 end) as cash_outs,
        count(case when kind = 'cash_out' and refunded_at is not null then 1 end) as refunds,
        count(
            case when kind = 'cash_out' and processed_at is null and refunded_at is null then 1 end
        ) as pending,
        count(processed_at) as processed,
        coalesce(sum(processed_at - created_at), 0) as milliseconds
    from chosen
),

-- A refund counts when it is made, not when its cash-out was created.
returned as (
    select
        coalesce(sum(amount_cents), 0) as refunded_cents
    from movements
    where refunded_at is not null
        and (:from is null or refunded_at >= unixepoch(:from) * 1000)
        and (:to is null or refunded_at < unixepoch(:to, '+1 day') * 1000)
)

-- The percentage is rounded half up, to hundredths, and the average to seconds.
select
    moved.cash_in_cents,
    moved.cash_out_cents,
    returned.refunded_cents,
    moved.cash_outs,
    (moved.refunds * 20000 + moved.cash_outs) / (moved.cash_outs * 2) / 100.0 as refund_rate_percent,
    moved.pending,
    (moved.milliseconds + moved.processed * 500) / (moved.processed * 1000) as average_processing_seconds
from moved
cross join returned;
