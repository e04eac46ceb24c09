-- why: the rows that this run brought up to date must be what the view says now
-- scope: changed

select *
from (
    select 'missing or different' as problem, definition.*
    from (
        select discarded_now.*
        from discarded_dirty
        cross join discarded_now on discarded_now._seq = discarded_dirty._seq
        except
        select * from discarded where _seq in (select _seq from discarded_dirty)
    ) as definition

    union all

    select 'must not be there' as problem, surplus.*
    from (
        select * from discarded where _seq in (select _seq from discarded_dirty)
        except
        select discarded_now.*
        from discarded_dirty
        cross join discarded_now on discarded_now._seq = discarded_dirty._seq
    ) as surplus
);
