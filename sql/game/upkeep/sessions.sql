-- upkeep: sql/game/marts/sessions.sql
-- how: 2 arms (events); compared in full: never
-- scaffold: 68d23a7b7287409f

-- What the mart is, as its file says it.
drop view if exists sessions_now;
create view sessions_now as
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

-- 1. Which keys the changes of this run reach: as rows were, and as they are.
create table if not exists sessions_dirty (
    session_id integer,
    unique (session_id)
) strict;

delete from sessions_dirty;

insert or ignore into sessions_dirty (session_id)
select changed_events.event_id
from changed_events
where changed_events.discarded is null
    and changed_events.event_type in ('registration', 'login')

union all

select events.event_id
from changed_events
cross join events on events.discarded is null
    and events.event_type in ('registration', 'login')
    and changed_events.user_id = events.user_id
    and (changed_events.event_timestamp, changed_events.event_id) > (events.event_timestamp, events.event_id)
where changed_events.event_type = 'logout'
    and changed_events.discarded is null;

-- A first run fills the table at once. The list of unfilled models comes first: where this one is not on it, no row is
-- read.
insert or ignore into elt_watermarks (model) values ('sessions');

delete from sessions
where rowid in (
        select sessions.rowid
        from elt_unfilled
        cross join sessions
        where elt_unfilled.model = 'sessions'
    );

insert into sessions (
    session_id, user_id, login_timestamp, logout_timestamp, session_length_seconds, session_valid,
    session_ended
)
select
    session_id, user_id, login_timestamp, logout_timestamp, session_length_seconds, session_valid,
    session_ended
from sessions_now
limit coalesce((select -1 from elt_unfilled where model = 'sessions'), 0);

-- 2. The definition asked for those keys alone. A key that is null or there twice stops the run here.
create table if not exists sessions_fresh (
    session_id integer not null,
    user_id text,
    login_timestamp integer,
    logout_timestamp integer,
    session_length_seconds integer,
    session_valid integer,
    session_ended integer,
    primary key (session_id)
) strict, without rowid;

delete from sessions_fresh;

insert into sessions_fresh (
    session_id, user_id, login_timestamp, logout_timestamp, session_length_seconds, session_valid,
    session_ended
)
select
    session_id, user_id, login_timestamp, logout_timestamp, session_length_seconds, session_valid,
    session_ended
from (
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
        and event_id in (select session_id from sessions_dirty)
    )

    select
        session_id,
        user_id,
        login_timestamp,
        logout_timestamp,
        logout_timestamp - login_timestamp as session_length_seconds,
        coalesce(logout_timestamp - login_timestamp > 1, 0) as session_valid,
        logout_timestamp is not null as session_ended
    from session
    where session_id in (select session_id from sessions_dirty)
);

-- Where a key that is null was reached: a row that has one stops the run here.
insert into sessions_fresh (
    session_id, user_id, login_timestamp, logout_timestamp, session_length_seconds, session_valid,
    session_ended
)
select
    session_id, user_id, login_timestamp, logout_timestamp, session_length_seconds, session_valid,
    session_ended
from sessions_now
where (session_id is null)
limit iif(
    exists (
        select 1
        from sessions_dirty
        where session_id is null
    ),
    1,
    0
);

-- 3. The table is made equal to it: rows that are gone are deleted, others written where they differ.
delete from sessions
where session_id in (select session_id from sessions_dirty)
    and not exists (
        select 1
        from sessions_fresh
        where sessions_fresh.session_id = sessions.session_id
    );

insert into sessions (
    session_id, user_id, login_timestamp, logout_timestamp, session_length_seconds, session_valid,
    session_ended
)
select
    session_id, user_id, login_timestamp, logout_timestamp, session_length_seconds, session_valid,
    session_ended
from sessions_fresh
where true
on conflict (session_id) do update
set (
        user_id, login_timestamp, logout_timestamp, session_length_seconds, session_valid, session_ended
    ) = (
        excluded.user_id, excluded.login_timestamp, excluded.logout_timestamp,
        excluded.session_length_seconds, excluded.session_valid, excluded.session_ended
    )
where (
        sessions.user_id, sessions.login_timestamp, sessions.logout_timestamp,
        sessions.session_length_seconds, sessions.session_valid, sessions.session_ended
    ) is distinct from (
        excluded.user_id, excluded.login_timestamp, excluded.logout_timestamp,
        excluded.session_length_seconds, excluded.session_valid, excluded.session_ended
    );

update elt_watermarks
set watermark = coalesce(
        (
            select min(watermark)
            from elt_watermarks
            where model in ('events')
        ),
        (select whole_seq from elt_stream)
    )
where model = 'sessions';
