-- row: one session of a user
-- key: session_id
-- why: logins, and how long people play

-- 1. What it is.
drop view if exists sessions_now;
create view sessions_now as
with session as (
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

-- 2. Which rows the events of this run reach: as they were and as they are.
create table if not exists sessions_dirty (
    session_id integer not null primary key
) strict, without rowid;

delete from sessions_dirty;

insert or ignore into sessions_dirty
select event.event_id
from changed_events as changed
cross join events as event on event.user_id = changed.user_id
where event.event_type in ('registration', 'login')

union all

select before.session_id
from changed_events as changed
cross join sessions as before on before.user_id = changed.user_id;

-- 3. Those are brought up to date. A first run fills the table at once.
insert or ignore into elt_watermarks (model) values ('sessions');

-- The list of unfilled models comes first: where this one is not on it, no row is read.
delete from sessions
where rowid in (
        select sessions.rowid
        from elt_unfilled
        cross join sessions
        where elt_unfilled.model = 'sessions'
    );

insert into sessions
select sessions_now.*
from elt_unfilled
cross join sessions_now
where elt_unfilled.model = 'sessions';

delete from sessions
where session_id in (select session_id from sessions_dirty)
    and not exists (select 1 from sessions_now where sessions_now.session_id = sessions.session_id);

insert into sessions
select sessions_now.*
from sessions_dirty
cross join sessions_now on sessions_now.session_id = sessions_dirty.session_id
where true
on conflict (session_id) do update
set (
        user_id, login_timestamp, logout_timestamp, session_length_seconds, session_valid, session_ended
    ) = (
        excluded.user_id, excluded.login_timestamp, excluded.logout_timestamp, excluded.session_length_seconds,
        excluded.session_valid, excluded.session_ended
    )
where (
        sessions.user_id, sessions.login_timestamp, sessions.logout_timestamp, sessions.session_length_seconds,
        sessions.session_valid, sessions.session_ended
    ) is distinct from (
        excluded.user_id, excluded.login_timestamp, excluded.logout_timestamp, excluded.session_length_seconds,
        excluded.session_valid, excluded.session_ended
    );

update elt_watermarks
set watermark = (select watermark from elt_watermarks where model = 'events')
where model = 'sessions';
