-- why: one row an event is what every figure of the dashboard relies on
-- scope: all

select id, count(*) as rows_of_key
from metrics
group by id
having count(*) > 1 or id is null;
