-- title: At a glance
-- chart: number
-- unit: USD cents
-- row: the whole period
-- why: how much was spent, and how much was returned; the rate counts returns, not their amounts
-- param: from date
-- param: to date
-- param: merchantTypeCode text

with counted as (
    select
        sum(card_transactions) as transactions,
        sum(iif(transaction_type = 'PurchaseActivity', amount_cents, 0)) as bought_cents,
        sum(iif(transaction_type = 'ReturnActivity', amount_cents, 0)) as returned_cents,
        sum(iif(transaction_type = 'PurchaseActivity', card_transactions, 0)) as purchases,
        sum(iif(transaction_type = 'ReturnActivity', card_transactions, 0)) as returns
    from daily
    where (:from is null or date >= :from)
        and (:to is null or date <= :to)
        and (:merchantTypeCode is null or merchant_type_code = :merchantTypeCode)
),

-- People cannot be added up from day to day.
holders as (
    select
        case
            when :merchantTypeCode is not null then (
                select count(distinct user_id)
                from transactions
                where merchant_type_code = :merchantTypeCode
                    and (:from is null or datetime >= :from)
                    and (:to is null or datetime < date(:to, '+1 day'))
            )
            when :from is not null or :to is not null then (
                select count(distinct user_id)
                from transactions
                where (:from is null or datetime >= :from)
                    and (:to is null or datetime < date(:to, '+1 day'))
            )
            else (select count(*) from card_holders)
        end as card_holders
)

-- The percentage is rounded half up, in whole numbers: hundredths of a percent.
select
    counted.bought_cents - counted.returned_cents as net_cents,
    counted.bought_cents,
    counted.returned_cents,
    coalesce(counted.transactions, 0) as transactions,
    holders.card_holders,
    (counted.returns * 20000 + counted.purchases) / (counted.purchases * 2) / 100.0 as return_rate_percent
from counted
cross join holders;
