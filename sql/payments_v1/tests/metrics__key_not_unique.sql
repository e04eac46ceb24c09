-- why: every figure of the dashboard relies on one row per event
-- scope: all

select id, count(*) as rows_of_key
from metrics
group by id
having count(*) > 1 or id is null;
