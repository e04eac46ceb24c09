-- why: the rows that this run brought up to date must be what the view says now
-- scope: changed

select *
from (
    select 'missing or different' as problem, definition.*
    from (
        select users_now.*
        from users_dirty
        cross join users_now on users_now.user_id = users_dirty.user_id
        except
        select * from users where user_id in (select user_id from users_dirty)
    ) as definition

    union all

    select 'must not be there' as problem, surplus.*
    from (
        select * from users where user_id in (select user_id from users_dirty)
        except
        select users_now.*
        from users_dirty
        cross join users_now on users_now.user_id = users_dirty.user_id
    ) as surplus
);
