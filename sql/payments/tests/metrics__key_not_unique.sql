-- why: every figure of the dashboard relies on one row per event
-- scope: all

select event_id, count(*) as rows_of_key
from metrics
group by event_id
having count(*) > 1 or event_id is null;
