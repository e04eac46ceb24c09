-- row: one session of a user
-- key: session_id
-- why: sessions.sql asks for the next logout by a subquery with a limit, which Spark does not run for each row

with following as (
    select
        event_id,
        user_id,
        event_type,
        event_timestamp,
        min(case when event_type = 'logout' then event_timestamp end) over (
            partition by user_id
            order by event_timestamp, event_id
            rows between 1 following and unbounded following
        ) as logout_timestamp
    from events
    where discarded is null
)

select
    event_id as session_id,
    user_id,
    event_timestamp as login_timestamp,
    logout_timestamp,
    logout_timestamp - event_timestamp as session_length_seconds,
    coalesce(cast(logout_timestamp - event_timestamp > 1 as int), 0) as session_valid,
    cast(logout_timestamp is not null as int) as session_ended
from following
where event_type in ('registration', 'login')
