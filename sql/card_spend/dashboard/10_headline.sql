-- title: At a glance
-- chart: number
-- row: the whole period
-- why: how much was spent, and how much was returned
-- param: from date
-- param: to date
-- param: merchantTypeCode text

with counted as (
    select
        count(*) as transactions,
        count(distinct user_id) as card_holders,
        coalesce(sum(case when transaction_type = 'PurchaseActivity' then amount_cents end), 0) as bought_cents,
        coalesce(sum(case when transaction_type = 'ReturnActivity' then amount_cents end), 0) as returned_cents,
        count(case when transaction_type = 'PurchaseActivity' then 1 end) as purchases,
        count(case when transaction_type = 'ReturnActivity' then 1 end) as returns
    from transactions
    where (:from is null or datetime >= :from)
        and (:to is null or datetime < date(:to, '+1 day'))
        and (:merchantTypeCode is null or merchant_type_code = :merchantTypeCode)
)

-- The percentage is rounded half up, in whole numbers: hundredths of a percent.
select
    bought_cents - returned_cents as net_cents,
    bought_cents,
    returned_cents,
    transactions,
    card_holders,
    (returns * 20000 + purchases) / (purchases * 2) / 100.0 as return_rate_percent
from counted;
