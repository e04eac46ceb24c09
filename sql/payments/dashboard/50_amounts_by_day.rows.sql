-- row: one payment that began on that day in that currency, the largest amount first
-- param: date date required
-- param: currency_code text required
-- unit: amount minor units

select
    transaction_id,
    amount,
    currency_code,
    min(created_at) as first_at,
    max(created_at) as last_at,
    count(*) as events,
    count(case when transaction_lifecycle_event = 'AUTHORIZATION_SUCCEEDED' then 1 end) as authorised
from metrics
where coalesce(currency_code, 'none') = :currency_code
group by transaction_id, currency_code, amount
having first_at >= :date and first_at < date(:date, '+1 day')
order by amount desc, transaction_id;
