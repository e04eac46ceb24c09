-- title: Pending cash-outs by age
-- chart: bar
-- unit: cash-outs
-- width: half
-- empty: No cash-out waits: good
-- row: one range of age, the youngest first
-- why: which cash-outs wait, and for how long, at the time of the last message

-- "Now" is the time of the last message, so that the same data always gives the same result.
with clock as (
    select max(max(created_at), coalesce(max(processed_at), 0), coalesce(max(refunded_at), 0)) as last_at
    from movements
),

placed as (
    select
        movements.amount_cents,
        case
            when clock.last_at - movements.created_at < 3600000 then '1 under 1 hour'
            when clock.last_at - movements.created_at < 21600000 then '2 under 6 hours'
            when clock.last_at - movements.created_at < 86400000 then '3 under 1 day'
            when clock.last_at - movements.created_at < 259200000 then '4 under 3 days'
            else '5 3 days or longer'
        end as place
    from clock
    join movements
        on movements.kind = 'cash_out'
        and movements.processed_at is null
        and movements.refunded_at is null
)

-- The digit before the name sorts the ranges.
select
    substr(place, 3) as age,
    count(*) as cash_outs
from placed
group by place
order by place;
