-- title: Events by lifecycle
-- chart: bar
-- unit: events
-- width: third
-- row: one event of the lifecycle
-- why: how far payments get
-- param: from date
-- param: to date
-- param: currency text

select
    coalesce(transaction_lifecycle_event, 'none') as lifecycle_event,
    count(*) as events
from metrics
where (:from is null or created_at >= :from)
    and (:to is null or created_at < date(:to, '+1 day'))
    and (:currency is null or currency_code = :currency)
group by lifecycle_event
order by events desc, lifecycle_event;
