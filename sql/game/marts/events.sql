-- row: one landed line, with its fields read and the verdict on it
-- key: _seq
-- why: users, sessions, transactions and discarded events are all what these verdicts say

create table if not exists events (
    _seq integer not null primary key,
    event_id integer,
    event_timestamp integer,
    event_type text,
    user_id text,
    country text,
    name text,
    device_os text,
    marketing_campaign text,
    amount real,
    currency text,
    discarded text
) strict;

-- What the last run changed: each row that it touched, as it was ('old') and as it is ('new').
create table if not exists changed_events (
    _tick integer not null,
    _op text not null,
    _image text not null,
    _seq integer not null,
    event_id integer,
    event_timestamp integer,
    event_type text,
    user_id text,
    discarded text
) strict;

insert or ignore into elt_watermarks (model) values ('events');

-- 1. New lines are read. A field that is not of its type is null; an integer is one of 64 bits, written without a
--    fraction or an exponent. Each field is read once: the limits keep SQLite from folding the steps into each other.
drop view if exists events_read;
create view events_read as
with fresh as (
    select
        _seq,
        event_id,
        event_timestamp,
        event_type,
        iif(json_valid(event_data), event_data, null) as event_data
    from stg_events
    where _seq > (select watermark from elt_watermarks where model = 'events')
        and _seq <= (select whole_seq from elt_stream)
),

shared as (
    select
        _seq,
        case
            when cast(cast(event_id as integer) as text) = event_id then cast(event_id as integer)
            when event_id = '-0' then 0
        end as event_id,
        case
            when cast(cast(event_timestamp as integer) as text) = event_timestamp then cast(event_timestamp as integer)
            when event_timestamp = '-0' then 0
        end as event_timestamp,
        -- The types that count need no parser.
        case event_type
            when '"login"' then 'login'
            when '"logout"' then 'logout'
            when '"transaction"' then 'transaction'
            when '"registration"' then 'registration'
            else iif(iif(json_valid(event_type), json_type(event_type), null) = 'text', event_type ->> '$', null)
        end as event_type,
        iif(json_type(event_data, '$.user_id') = 'text', event_data ->> '$.user_id', null) as user_id,
        event_data
    from fresh
    limit -1 offset 0
),

typed as (
    select
        _seq,
        event_id,
        event_timestamp,
        event_type,
        user_id,
        case
            when event_type = 'registration' and json_type(event_data, '$.country') = 'text'
                then event_data ->> '$.country'
        end as country,
        case
            when event_type = 'registration' and json_type(event_data, '$.name') = 'text'
                then event_data ->> '$.name'
        end as name,
        case
            when event_type = 'registration' and json_type(event_data, '$.device_os') = 'text'
                then event_data ->> '$.device_os'
        end as device_os,
        case event_type
            when 'registration'
                then coalesce(json_type(event_data, '$.marketing_campaign'), 'null') in ('text', 'null')
        end as has_campaign,
        case
            when event_type = 'registration' and json_type(event_data, '$.marketing_campaign') = 'text'
                then event_data ->> '$.marketing_campaign'
        end as marketing_campaign,
        case
            when event_type = 'transaction' and json_type(event_data, '$.transaction_amount') in ('integer', 'real')
                then event_data ->> '$.transaction_amount'
        end as amount,
        case
            when event_type = 'transaction' and json_type(event_data, '$.transaction_currency') = 'text'
                then event_data ->> '$.transaction_currency'
        end as currency
    from shared
    limit -1 offset 0
)

select
    *,
    event_id is not null
        and event_timestamp is not null
        and user_id is not null
        and user_id <> ''
        and case event_type
            when 'registration'
                then country <> '' and device_os in ('iOS', 'Android', 'Web') and has_campaign
            when 'transaction'
                then amount in (0.99, 1.99, 2.99, 4.99, 9.99) and currency in ('EUR', 'USD')
            else event_type in ('login', 'logout')
        end is true as is_valid
from typed
limit -1 offset 0;

insert into events (
    _seq, event_id, event_timestamp, event_type, user_id, country, name, device_os, marketing_campaign, amount,
    currency, discarded
)
select
    _seq,
    iif(is_valid, event_id, null),
    event_timestamp,
    event_type,
    iif(is_valid, user_id, null),
    country,
    name,
    device_os,
    marketing_campaign,
    iif(is_valid, amount, null),
    currency,
    iif(is_valid, null, 'invalid')
from events_read;

-- The moment of the last valid event, up to which figures count days.
create table if not exists events_last (
    only_row integer not null primary key check (only_row = 1),
    event_timestamp integer not null
) strict;

insert into events_last (only_row, event_timestamp)
select
    1,
    max(event_timestamp)
from events not indexed
where _seq > (select watermark from elt_watermarks where model = 'events')
    and user_id is not null
having count(*) > 0
on conflict (only_row) do update
set event_timestamp = max(event_timestamp, excluded.event_timestamp);

-- The ways in which the next steps find rows; made here, because a first run fills the table faster without them.
-- An invalid event has neither an event_id nor a user: it reaches no other one. The verdicts are not among them, because
-- they are still to be written.
create index if not exists events_by_id on events (event_id) where event_id is not null;
create index if not exists events_by_user on events (user_id, event_timestamp, event_id, event_type);

-- 2. Of events that share an event_id the first stays, by time, then by the bytes of the line. New events are found by
--    their _seq alone: no index of the history may be taken for it.
create table if not exists events_repeated (
    event_id integer not null primary key,
    first_seq integer not null
) strict;

insert into events_repeated (event_id, first_seq)
select
    event_id,
    _seq
from (
    select
        event.event_id,
        event._seq,
        row_number() over (
            partition by event.event_id order by event.event_timestamp, staged.line, event._seq
        ) as copy
    from events as event
    cross join stg_events as staged on staged._seq = event._seq
    where event.event_id in (
            select fresh.event_id
            from events as fresh not indexed
            where fresh._seq > (select watermark from elt_watermarks where model = 'events')
                and exists (
                    select 1
                    from events as other
                    where other.event_id = fresh.event_id
                        and other._seq <> fresh._seq
                )
        )
)
where copy = 1
on conflict (event_id) do update
set first_seq = excluded.first_seq;

-- 3. Which users the new events reach: their own, and those whose events share an event_id with them. The first run
--    reaches all, which the index has in order.
create table if not exists events_dirty (
    user_id text not null primary key
) strict, without rowid;

delete from events_dirty;

insert into events_dirty
select distinct user_id
from events
where user_id is not null
limit coalesce((select -1 from elt_unfilled where model = 'events'), 0);

insert or ignore into events_dirty
select fresh.user_id
from events as fresh not indexed
where fresh._seq > (select watermark from elt_watermarks where model = 'events')
    and fresh.user_id is not null

union all

select other.user_id
from events as fresh not indexed
cross join events_repeated as repeated on repeated.event_id = fresh.event_id
cross join events as other on other.event_id = repeated.event_id
where fresh._seq > (select watermark from elt_watermarks where model = 'events')
limit coalesce((select 0 from elt_unfilled where model = 'events'), -1);

-- 4. All events of those users are judged anew, each user's in order of time. A duplicate stands in that order too, but
--    tells nothing about the user. A place is the number that SQLite gives to the next row.
create table if not exists events_placed (
    place integer not null primary key,
    _seq integer not null,
    kind text not null,
    is_registered integer not null,
    held text
) strict;

insert into events_placed (_seq, kind, is_registered, held)
select
    event._seq,
    iif(event._seq <> repeated.first_seq, 'duplicate', event.event_type) as kind,
    (event.event_timestamp, event.event_id) > (registration.event_timestamp, registration.event_id) is true
        as is_registered,
    -- A new event has no verdict yet, so it need not be looked up.
    iif(
        event._seq > (select watermark from elt_watermarks where model = 'events'),
        null,
        (select discarded from events where events._seq = event._seq)
    ) as held
from events_dirty as dirty
left join events as registration
    on registration._seq = (
        select first._seq
        from events as first
        left join events_repeated as repeated on repeated.event_id = first.event_id
        where first.user_id = dirty.user_id
            and first.event_type = 'registration'
            and first._seq = coalesce(repeated.first_seq, first._seq)
        order by first.event_timestamp, first.event_id
        limit 1
    )
cross join events as event on event.user_id = dirty.user_id
left join events_repeated as repeated on repeated.event_id = event.event_id
order by dirty.user_id, event.event_timestamp, event.event_id;

-- Where the last event before it stands that logs in, and the last that logs out, also of those that are ignored. The
-- order runs through all users: a registered user's registration comes after whatever other users did.
drop view if exists events_judged;
create view events_judged as
with preceded as (
    select
        _seq,
        held,
        kind,
        is_registered,
        max(
            iif(kind = 'login' or (kind = 'registration' and not is_registered), place, null)
        ) over before as logged_in,
        coalesce(max(iif(kind = 'logout', place, null)) over before, 0) as logged_out
    from events_placed
    window before as (order by place rows between unbounded preceding and 1 preceding)
)

select
    _seq,
    held,
    case
        when kind = 'duplicate' then 'duplicate'
        when kind = 'registration' then iif(is_registered, 'registered already', null)
        when not is_registered then 'not registered'
        when kind = 'login' then iif(logged_in > logged_out, 'logged in already', null)
        when logged_in < logged_out then 'logged out'
    end as discarded
from preceded;

-- Every row is there: only the verdict is written, and only where it has changed.
insert into events (_seq, discarded)
select
    _seq,
    discarded
from events_judged
where discarded is distinct from held
order by _seq
on conflict (_seq) do update
set discarded = excluded.discarded;

delete from events_placed;

create index if not exists events_by_logout on events (user_id, event_timestamp, event_id)
where event_type = 'logout' and discarded is null;

-- Of later runs each row is recorded that they touch; a first run has nobody to tell, and is faster without.
drop trigger if exists events_inserted;
create trigger events_inserted after insert on events
when (select recording from elt_watermarks where model = 'events')
begin
    insert into changed_events
    select
        tick, 'insert', 'new', new._seq, new.event_id, new.event_timestamp, new.event_type, new.user_id,
        new.discarded
    from elt_clock;
end;

drop trigger if exists events_updated;
create trigger events_updated after update on events
when (select recording from elt_watermarks where model = 'events')
begin
    insert into changed_events
    select
        tick, 'update', 'old', old._seq, old.event_id, old.event_timestamp, old.event_type, old.user_id,
        old.discarded
    from elt_clock;
    insert into changed_events
    select
        tick, 'update', 'new', new._seq, new.event_id, new.event_timestamp, new.event_type, new.user_id,
        new.discarded
    from elt_clock;
end;

drop trigger if exists events_deleted;
create trigger events_deleted after delete on events
when (select recording from elt_watermarks where model = 'events')
begin
    insert into changed_events
    select
        tick, 'delete', 'old', old._seq, old.event_id, old.event_timestamp, old.event_type, old.user_id,
        old.discarded
    from elt_clock;
end;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'events';
