-- row: one day (UTC) of a merchant type: purchases minus returns
-- why: the day is cut from the text, because SQLite's time functions would round 23:59:59.9999 up to the next day
-- route: GET /api/v1/data/netAmount/{merchantTypeCode}
-- param: merchantTypeCode digits required
-- page: date
-- column: merchant_type_code text
-- column: date date
-- column: net_amount_cents integer
-- column: net_amount_in_dollars number
-- example: merchantTypeCode=5310

with daily as (
    select
        merchant_type_code,
        substr(datetime, 1, 10) as date,
        sum(
            case transaction_type
                when 'PurchaseActivity' then amount_cents
                when 'ReturnActivity' then -amount_cents
            end
        ) as net_amount_cents
    from transactions
    where merchant_type_code = :merchantTypeCode
    group by substr(datetime, 1, 10)
)

select
    merchant_type_code,
    date,
    net_amount_cents,
    net_amount_cents / 100.0 as net_amount_in_dollars
from daily
order by date;
