-- title: Events by lifecycle
-- chart: bar
-- unit: events
-- width: third
-- row: one event of the lifecycle, in its order; of each, its share of the payments that were submitted
-- why: how far payments get; beside each step, its share of the payments that were submitted
-- param: from date
-- param: to date
-- param: currency text

with step (lifecycle_event, place) as (
    values
        ('AUTHORIZATION_SUBMITTED', 1),
        ('AUTHORIZATION_SUCCEEDED', 2),
        ('AUTHORIZATION_DECLINED', 3),
        ('AUTHORIZATION_FAILED', 4)
),

counted as (
    select
        coalesce(transaction_lifecycle_event, 'none') as lifecycle_event,
        count(*) as events
    from metrics
    where (:from is null or created_at >= :from)
        and (:to is null or created_at < date(:to, '+1 day'))
        and (:currency is null or currency_code = :currency)
    group by coalesce(transaction_lifecycle_event, 'none')
),

submitted as (
    select events
    from counted
    where lifecycle_event = 'AUTHORIZATION_SUBMITTED'
)

-- Rounded half up, to hundredths of a percent. Events outside of the lifecycle come last, and have no share.
select
    counted.lifecycle_event,
    counted.events,
    iif(
        step.place is null,
        null,
        (counted.events * 20000 + submitted.events) / (submitted.events * 2) / 100.0
    ) as of_submitted_percent
from counted
left join step on step.lifecycle_event = counted.lifecycle_event
left join submitted on true
order by step.place nulls last, counted.lifecycle_event = 'none', counted.events desc, counted.lifecycle_event;
