-- title: Net spending by day
-- chart: line
-- unit: cents
-- row: one day (UTC): purchases minus returns
-- why: when people spend, minus what was returned that day
-- param: from date
-- param: to date
-- param: merchantTypeCode text

-- The day is cut from the text: SQLite's time functions would round 23:59:59.9999 up to the next day.
select
    substr(datetime, 1, 10) as date,
    sum(
        case transaction_type
            when 'PurchaseActivity' then amount_cents
            when 'ReturnActivity' then -amount_cents
        end
    ) as net_cents
from transactions
where (:from is null or datetime >= :from)
    and (:to is null or datetime < date(:to, '+1 day'))
    and (:merchantTypeCode is null or merchant_type_code = :merchantTypeCode)
group by date
order by date;
