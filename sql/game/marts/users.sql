-- row: one registered user
-- key: user_id
-- why: who plays, from where, and by which campaign they came

-- 1. What it is.
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

-- 2. Which rows the events of this run reach: as they were and as they are.
create table if not exists users_dirty (
    user_id text not null primary key
) strict, without rowid;

delete from users_dirty;

insert or ignore into users_dirty
select user_id
from changed_events
where user_id is not null;

-- 3. Those are brought up to date. A first run fills the table at once.
insert or ignore into elt_watermarks (model) values ('users');

-- The list of unfilled models comes first: where this one is not on it, no row is read.
delete from users
where rowid in (
        select users.rowid
        from elt_unfilled
        cross join users
        where elt_unfilled.model = 'users'
    );

insert into users
select users_now.*
from elt_unfilled
cross join users_now
where elt_unfilled.model = 'users';

delete from users
where user_id in (select user_id from users_dirty)
    and not exists (select 1 from users_now where users_now.user_id = users.user_id);

insert into users
select users_now.*
from users_dirty
cross join users_now on users_now.user_id = users_dirty.user_id
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
set watermark = (select watermark from elt_watermarks where model = 'events')
where model = 'users';
