-- row: one event that was left out for that reason, in the order of landing
-- param: reason text required

select
    _seq,
    line
from discarded
where reason = :reason
order by _seq;
