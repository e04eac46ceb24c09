-- title: Events that do not count
-- chart: bar
-- unit: events
-- width: half
-- empty: Every event counts: good
-- row: one reason why events were left out
-- why: errors in the stream, whatever the period: some of these events have no valid time

select
    reason,
    count(*) as events
from discarded
group by reason
order by events desc, reason;
