-- title: How long cash-outs take
-- chart: line
-- unit: seconds
-- width: half
-- row: one day (UTC) of creation: the average time to processing, and the longest
-- why: a growing queue is seen here before anyone complains
-- param: from date
-- param: to date

with processed as (
    select
        date(created_at / 1000, 'unixepoch') as date,
        count(*) as processed,
        sum(processed_at - created_at) as milliseconds,
        max(processed_at - created_at) as longest_milliseconds
    from movements
    where kind = 'cash_out'
        and processed_at is not null
        and (:from is null or created_at >= unixepoch(:from) * 1000)
        and (:to is null or created_at < unixepoch(:to, '+1 day') * 1000)
    group by date(created_at / 1000, 'unixepoch')
)

select
    date,
    (milliseconds + processed * 500) / (processed * 1000) as average_seconds,
    (longest_milliseconds + 500) / 1000 as longest_seconds
from processed
order by date;
