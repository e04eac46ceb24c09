-- title: Net spending by merchant type
-- chart: bar
-- unit: USD cents
-- width: half
-- row: one of the 12 merchant types on which most was spent
-- why: where the money goes
-- param: from date
-- param: to date
-- param: merchantTypeCode text

with spent as (
    select
        merchant_type_code,
        sum(
            case transaction_type
                when 'PurchaseActivity' then amount_cents
                when 'ReturnActivity' then -amount_cents
            end
        ) as net_cents
    from daily
    where (:from is null or date >= :from)
        and (:to is null or date <= :to)
        and (:merchantTypeCode is null or merchant_type_code = :merchantTypeCode)
    group by merchant_type_code
    order by net_cents desc, merchant_type_code
    limit 12
)

-- The code and its name: "5411 Grocery stores and supermarkets".
select
    spent.merchant_type_code || coalesce(' ' || merchant_types.name, '') as merchant_type,
    spent.net_cents
from spent
left join merchant_types on merchant_types.merchant_type_code = spent.merchant_type_code
order by spent.net_cents desc, spent.merchant_type_code;
