-- why: the rows that this run brought up to date must be what the view says now
-- scope: changed

select *
from (
    select 'missing or different' as problem, definition.*
    from (
        select sessions_now.*
        from sessions_dirty
        cross join sessions_now on sessions_now.session_id = sessions_dirty.session_id
        except
        select * from sessions where session_id in (select session_id from sessions_dirty)
    ) as definition

    union all

    select 'must not be there' as problem, surplus.*
    from (
        select * from sessions where session_id in (select session_id from sessions_dirty)
        except
        select sessions_now.*
        from sessions_dirty
        cross join sessions_now on sessions_now.session_id = sessions_dirty.session_id
    ) as surplus
);
