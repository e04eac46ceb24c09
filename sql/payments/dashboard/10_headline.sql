-- title: At a glance
-- chart: number
-- row: the whole period
-- why: is money coming in, and how much of the requested amount is authorised
-- param: from date
-- param: to date
-- param: currency text

with chosen as (
    select *
    from metrics
    where (:from is null or created_at >= :from)
        and (:to is null or created_at < date(:to, '+1 day'))
        and (:currency is null or currency_code = :currency)
),

counted as (
    select
        count(*) as events,
        count(distinct transaction_id) as payments,
        -- None of the events may name its customer: then it is not known how many there are.
        nullif(count(distinct customer_id), 0) as customers,
        count(case when transaction_lifecycle_event = 'AUTHORIZATION_SUCCEEDED' then 1 end) as authorised,
        count(
            case
                when transaction_lifecycle_event in ('AUTHORIZATION_DECLINED', 'AUTHORIZATION_FAILED') then 1
            end
        ) as refused,
        count(case when decline_type = 'HARD_DECLINE' then 1 end) as hard_declines
    from chosen
)

-- Percentages are rounded half up, in whole numbers: hundredths of a percent.
select
    events,
    payments,
    customers,
    authorised,
    refused,
    (authorised * 20000 + authorised + refused) / ((authorised + refused) * 2) / 100.0 as authorisation_rate_percent,
    hard_declines
from counted;
