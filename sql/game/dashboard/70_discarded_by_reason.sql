-- title: Events that do not count
-- chart: bar
-- unit: events
-- width: half
-- row: one reason why events were left out
-- why: dirt in the stream; whatever the period, because some of these events have no time that can be read

select
    reason,
    count(*) as events
from discarded
group by reason
order by events desc, reason;
