-- upkeep: sql/game/marts/users.sql
-- how: 1 arm (events); compared in full: never
-- scaffold: 887783c93c02ab54

-- What the mart is, as its file says it.
drop view if exists users_now;
create view users_now as
select
    user_id,
    country,
    name,
    event_timestamp as registration_timestamp,
    device_os,
    marketing_campaign
from events
where discarded is null
    and event_type = 'registration';

-- 1. Which keys the changes of this run reach: as rows were, and as they are.
create table if not exists users_dirty (
    user_id text,
    unique (user_id)
) strict;

delete from users_dirty;

insert or ignore into users_dirty (user_id)
select changed_events.user_id
from changed_events
where changed_events.discarded is null
    and changed_events.event_type = 'registration';

-- A first run fills the table at once. The list of unfilled models comes first: where this one is not on it, no row is
-- read.
insert or ignore into elt_watermarks (model) values ('users');

delete from users
where rowid in (
        select users.rowid
        from elt_unfilled
        cross join users
        where elt_unfilled.model = 'users'
    );

insert into users (
    user_id, country, name, registration_timestamp, device_os, marketing_campaign
)
select
    user_id, country, name, registration_timestamp, device_os, marketing_campaign
from users_now
limit coalesce((select -1 from elt_unfilled where model = 'users'), 0);

-- 2. The definition asked for those keys alone. A key that is null or there twice stops the run here.
create table if not exists users_fresh (
    user_id text not null,
    country text,
    name text,
    registration_timestamp integer,
    device_os text,
    marketing_campaign text,
    primary key (user_id)
) strict, without rowid;

delete from users_fresh;

insert into users_fresh (
    user_id, country, name, registration_timestamp, device_os, marketing_campaign
)
select
    user_id, country, name, registration_timestamp, device_os, marketing_campaign
from (
    select
        user_id,
        country,
        name,
        event_timestamp as registration_timestamp,
        device_os,
        marketing_campaign
    from events
    where discarded is null
        and event_type = 'registration'
        and user_id in (select user_id from users_dirty)
);

-- Where a key that is null was reached: a row that has one stops the run here.
insert into users_fresh (
    user_id, country, name, registration_timestamp, device_os, marketing_campaign
)
select
    user_id, country, name, registration_timestamp, device_os, marketing_campaign
from users_now
where (user_id is null)
limit iif(
    exists (
        select 1
        from users_dirty
        where user_id is null
    ),
    1,
    0
);

-- 3. The table is made equal to it: rows that are gone are deleted, others written where they differ.
delete from users
where user_id in (select user_id from users_dirty)
    and not exists (
        select 1
        from users_fresh
        where users_fresh.user_id = users.user_id
    );

insert into users (
    user_id, country, name, registration_timestamp, device_os, marketing_campaign
)
select
    user_id, country, name, registration_timestamp, device_os, marketing_campaign
from users_fresh
where true
on conflict (user_id) do update
set (
        country, name, registration_timestamp, device_os, marketing_campaign
    ) = (
        excluded.country, excluded.name, excluded.registration_timestamp, excluded.device_os,
        excluded.marketing_campaign
    )
where (
        users.country, users.name, users.registration_timestamp, users.device_os, users.marketing_campaign
    ) is distinct from (
        excluded.country, excluded.name, excluded.registration_timestamp, excluded.device_os,
        excluded.marketing_campaign
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
where model = 'users';
