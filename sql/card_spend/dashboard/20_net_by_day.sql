-- title: Net spending by day
-- chart: line
-- unit: USD cents
-- grain: sum
-- row: one day (UTC): purchases minus returns
-- why: when people spend, minus what was returned that day
-- param: from date
-- param: to date
-- param: merchantTypeCode text

select
    date,
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
group by date
order by date;
