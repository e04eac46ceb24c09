-- title: Amounts by currency and day
-- chart: line
-- unit: minor units
-- grain: sum
-- series: currency_code
-- width: full
-- row: one day (UTC) and one currency
-- why: a payment counts once, on the day of its first event; amounts of different currencies are never added up
-- param: from date
-- param: to date
-- param: currency text

with payment as (
    select
        transaction_id,
        coalesce(currency_code, 'none') as currency_code,
        amount,
        min(created_at) as first_at
    from metrics
    group by transaction_id, currency_code, amount
)

select
    substr(first_at, 1, 10) as date,
    currency_code,
    sum(amount) as amount
from payment
where (:from is null or first_at >= :from)
    and (:to is null or first_at < date(:to, '+1 day'))
    and (:currency is null or currency_code = :currency)
group by date, currency_code
order by date, currency_code;
