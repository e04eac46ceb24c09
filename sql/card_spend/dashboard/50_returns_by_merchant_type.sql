-- title: Returns by merchant type
-- chart: table
-- empty: Nothing was returned: good
-- row: one merchant type with returns, the highest share first
-- why: a high share of returns may point to bad goods, or to fraud
-- param: from date
-- param: to date
-- param: merchantTypeCode text

with counted as (
    select
        merchant_type_code,
        sum(iif(transaction_type = 'PurchaseActivity', card_transactions, 0)) as purchases,
        sum(iif(transaction_type = 'ReturnActivity', card_transactions, 0)) as returns,
        sum(iif(transaction_type = 'ReturnActivity', amount_cents, 0)) as returned_cents
    from daily
    where (:from is null or date >= :from)
        and (:to is null or date <= :to)
        and (:merchantTypeCode is null or merchant_type_code = :merchantTypeCode)
    group by merchant_type_code
)

-- The percentage is rounded half up, in whole numbers: hundredths of a percent.
select
    merchant_type_code,
    purchases,
    returns,
    returned_cents,
    (returns * 20000 + purchases) / (purchases * 2) / 100.0 as return_rate_percent
from counted
where returns > 0
order by return_rate_percent desc, merchant_type_code
limit 50;
