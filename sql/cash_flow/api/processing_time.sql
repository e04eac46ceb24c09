-- row: one day (UTC) of creation: how many of its cash-outs were processed, after how many seconds on average
-- route: GET /api/v1/cash_flow/processing_time
-- page: date
-- column: date date
-- column: processed integer
-- column: average_seconds number

with processed as (
    select
        date(created_at / 1000, 'unixepoch') as date,
        count(*) as processed,
        sum(processed_at - created_at) as milliseconds
    from movements
    where kind = 'cash_out'
        and processed_at is not null
    group by date(created_at / 1000, 'unixepoch')
)

select
    date,
    processed,
    (milliseconds * 20 + processed) / (processed * 2) / 10000.0 as average_seconds
from processed
order by date;
