-- row: one session of a user
-- key: session_id
-- why: logins, and how long people play

with session as materialized (
    select
        event_id as session_id,
        user_id,
        event_timestamp as login_timestamp,
        -- Logins and logouts that count take turns: the next logout is that of this session.
        (
            select ended.event_timestamp
            from events as ended
            where ended.user_id = events.user_id
                and (ended.event_timestamp, ended.event_id) > (events.event_timestamp, events.event_id)
                and ended.event_type = 'logout'
                and ended.discarded is null
            order by ended.event_timestamp, ended.event_id
            limit 1
        ) as logout_timestamp
    from events
    where discarded is null
        and event_type in ('registration', 'login')
)

select
    session_id,
    user_id,
    login_timestamp,
    logout_timestamp,
    logout_timestamp - login_timestamp as session_length_seconds,
    coalesce(logout_timestamp - login_timestamp > 1, 0) as session_valid,
    logout_timestamp is not null as session_ended
from session;
