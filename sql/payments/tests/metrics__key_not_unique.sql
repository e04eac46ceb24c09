-- why: one row an event is what every figure of the dashboard relies on
-- scope: all

select event_id, count(*) as rows_of_key
from metrics
group by event_id
having count(*) > 1 or event_id is null;
