-- title: Declines by reason and type
-- chart: bar
-- unit: declines
-- series: decline_type
-- width: full
-- empty: No payment was declined: good
-- row: one reason with its type, the most frequent first
-- why: a soft decline may be tried again, a hard one may not
-- param: from date
-- param: to date
-- param: currency text

with declined as (
    select
        coalesce(decline_reason, 'none given') as reason,
        coalesce(decline_type, 'none given') as decline_type
    from metrics
    where (decline_reason is not null or decline_type is not null)
        and (:from is null or created_at >= :from)
        and (:to is null or created_at < date(:to, '+1 day'))
        and (:currency is null or currency_code = :currency)
)

select
    reason,
    decline_type,
    count(*) as declines
from declined
group by reason, decline_type
order by sum(count(*)) over (partition by reason) desc, reason, decline_type;
