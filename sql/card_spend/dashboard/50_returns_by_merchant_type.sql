-- title: Returns by merchant type
-- chart: table
-- unit: USD cents
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
    counted.merchant_type_code,
    merchant_types.name as merchant_type,
    counted.purchases,
    counted.returns,
    counted.returned_cents,
    (counted.returns * 20000 + counted.purchases) / (counted.purchases * 2) / 100.0 as return_rate_percent
from counted
left join merchant_types on merchant_types.merchant_type_code = counted.merchant_type_code
where counted.returns > 0
order by return_rate_percent desc, counted.merchant_type_code
limit 50;
