-- title: Merchant accounts
-- chart: table
-- width: two-thirds
-- row: one merchant account and currency, the busiest first
-- why: which account to look at when fewer payments are authorised
-- param: from date
-- param: to date
-- param: currency text

with counted as (
    select
        coalesce(processor_merchant_account_id, 'none') as merchant_account,
        coalesce(currency_code, 'none') as currency_code,
        count(distinct transaction_id) as payments,
        count(case when transaction_lifecycle_event = 'AUTHORIZATION_SUCCEEDED' then 1 end) as authorised,
        count(
            case
                when transaction_lifecycle_event in ('AUTHORIZATION_DECLINED', 'AUTHORIZATION_FAILED') then 1
            end
        ) as refused
    from metrics
    where (:from is null or created_at >= :from)
        and (:to is null or created_at < date(:to, '+1 day'))
        and (:currency is null or currency_code = :currency)
    group by merchant_account, coalesce(currency_code, 'none')
)

select
    merchant_account,
    currency_code,
    payments,
    authorised,
    refused,
    (authorised * 20000 + authorised + refused) / ((authorised + refused) * 2) / 100.0 as authorisation_rate_percent
from counted
order by payments desc, merchant_account, currency_code
limit 10;
