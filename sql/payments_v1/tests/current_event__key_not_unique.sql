-- why: one row a key is what everything that joins public.event relies on
-- scope: all

select id, count(*) as rows_of_key
from current_event
group by id
having count(*) > 1 or id is null;
