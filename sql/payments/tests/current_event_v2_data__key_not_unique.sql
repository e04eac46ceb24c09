-- why: one row a key is what everything that joins public.event_v2_data relies on
-- scope: all

select event_id, count(*) as rows_of_key
from current_event_v2_data
group by event_id
having count(*) > 1 or event_id is null;
