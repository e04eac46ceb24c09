-- title: Who spends most
-- chart: table
-- unit: USD cents
-- width: half
-- row: one of the 12 users with the highest net spending
-- why: a few card holders may account for most of the spending
-- param: from date
-- param: to date
-- param: merchantTypeCode text

with spent as (
    select
        user_id,
        transactions,
        merchant_types,
        net_cents
    from card_holders
    where coalesce(:from, :to, :merchantTypeCode) is null

    union all

    select
        user_id,
        count(*) as transactions,
        count(distinct merchant_type_code) as merchant_types,
        sum(
            case transaction_type
                when 'PurchaseActivity' then amount_cents
                when 'ReturnActivity' then -amount_cents
            end
        ) as net_cents
    from transactions
    where coalesce(:from, :to, :merchantTypeCode) is not null
        and (:from is null or datetime >= :from)
        and (:to is null or datetime < date(:to, '+1 day'))
        and (:merchantTypeCode is null or merchant_type_code = :merchantTypeCode)
    group by user_id
)

select
    user_id,
    transactions,
    merchant_types,
    net_cents
from spent
order by net_cents desc, user_id
limit 12;
