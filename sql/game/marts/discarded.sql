-- row: one event that does not count
-- key: _seq
-- why: every event that is left out can be counted, with its reason

select
    events._seq,
    events.discarded as reason,
    staged.line
from events not indexed
cross join stg_events as staged on staged._seq = events._seq
where events.discarded is not null;
