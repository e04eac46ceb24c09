-- title: Events by day
-- chart: line
-- unit: events
-- series: lifecycle_event
-- width: two-thirds
-- grain: sum
-- row: one day (UTC) and one event of the lifecycle
-- why: a step that stops, or occurs twice as often, is seen here first
-- param: from date
-- param: to date
-- param: currency text

select
    substr(created_at, 1, 10) as date,
    coalesce(transaction_lifecycle_event, 'none') as lifecycle_event,
    count(*) as events
from metrics
where (:from is null or created_at >= :from)
    and (:to is null or created_at < date(:to, '+1 day'))
    and (:currency is null or currency_code = :currency)
group by date, lifecycle_event
order by date, lifecycle_event;
