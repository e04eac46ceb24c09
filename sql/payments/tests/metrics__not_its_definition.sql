-- why: the rows that this run brought up to date must be what the view says now
-- scope: changed

with dirty as (
    select event_id from metrics_dirty
)

select *
from (
    select 'missing or different' as problem, definition.*
    from (
        select * from metrics_now where event_id in (select event_id from dirty)
        except
        select * from metrics where event_id in (select event_id from dirty)
    ) as definition

    union all

    select 'must not be there' as problem, surplus.*
    from (
        select * from metrics where event_id in (select event_id from dirty)
        except
        select * from metrics_now where event_id in (select event_id from dirty)
    ) as surplus
);
