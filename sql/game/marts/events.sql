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

insert or ignore into elt_watermarks (model) values ('events');

-- 1. New lines are read. A field that is not of its type is null; an integer is one of 64 bits, written without a
--    fraction or an exponent. Each field is read once: the steps are not folded into each other.
drop view if exists events_read;
create view events_read as
with fresh as (
    select
        _seq,
        event_id,
        event_timestamp,
        iif(json_valid(event_type), event_type, null) as event_type,
        iif(json_valid(event_data), event_data, null) as event_data
    from stg_events
    where _seq > (select watermark from elt_watermarks where model = 'events')
        and _seq <= (select whole_seq from elt_stream)
),

shared as materialized (
    select
        _seq,
        case
            when event_id glob '*[^-0-9]*' then null
            when cast(cast(event_id as integer) as text) = iif(event_id = '-0', '0', event_id)
                then cast(event_id as integer)
        end as event_id,
        case
            when event_timestamp glob '*[^-0-9]*' then null
            when cast(cast(event_timestamp as integer) as text) = iif(event_timestamp = '-0', '0', event_timestamp)
                then cast(event_timestamp as integer)
        end as event_timestamp,
        iif(json_type(event_type) = 'text', event_type ->> '$', null) as event_type,
        iif(json_type(event_data, '$.user_id') = 'text', event_data ->> '$.user_id', null) as user_id,
        event_data
    from fresh
),

typed as materialized (
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
from typed;

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
from events_read
order by _seq;

-- The ways in which the next steps find rows; made here, because a first run fills the table faster without them.
-- An invalid event has neither an event_id nor a user: it reaches no other one. The second holds all that the order of
-- a user's events is read for, so that nothing is looked up in the table.
create index if not exists events_by_id on events (event_id) where event_id is not null;
create index if not exists events_by_user on events (user_id, event_timestamp, event_id, event_type, discarded);

-- 2. Which users they reach: their own, and those whose events share an event_id with them. New events are found by
--    their _seq alone: no index of the history may be taken for it.
create table if not exists events_dirty (
    user_id text not null primary key
) strict, without rowid;

delete from events_dirty;

insert or ignore into events_dirty
select fresh.user_id
from events as fresh not indexed
where fresh._seq > (select watermark from elt_watermarks where model = 'events')
    and fresh.user_id is not null

union all

select other.user_id
from events as fresh not indexed
cross join events as other on other.event_id = fresh.event_id and other.user_id <> fresh.user_id
where fresh._seq > (select watermark from elt_watermarks where model = 'events');

-- 3. All events of those users are judged anew, each user's in order of time. A duplicate stands in that order too, but
--    tells nothing about the user.
drop view if exists events_judged;
create view events_judged as
with placed as (
    select
        event._seq,
        dirty.user_id,
        event.discarded as held,
        -- Of events that share an event_id the first stays, by time, then by the bytes of the line.
        iif(
            exists (
                select 1
                from events as other
                where other.event_id = event.event_id
                    and other._seq <> event._seq
                    and (
                        other.event_timestamp < event.event_timestamp
                        or (
                            other.event_timestamp = event.event_timestamp
                            and ((select line from stg_events where _seq = other._seq), other._seq)
                                < ((select line from stg_events where _seq = event._seq), event._seq)
                        )
                    )
            ),
            'duplicate',
            event.event_type
        ) as kind,
        row_number() over (
            partition by dirty.user_id order by event.event_timestamp, event.event_id
        ) as place
    from events_dirty as dirty
    cross join events as event on event.user_id = dirty.user_id
),

-- Where the user's last login and logout before the event stand, also of those that are ignored, and the first
-- registration.
preceded as (
    select
        _seq,
        held,
        kind,
        min(iif(kind = 'registration', place, null)) over before as registered,
        max(iif(kind = 'login', place, null)) over before as logged_in,
        max(iif(kind = 'logout', place, null)) over before as logged_out
    from placed
    window before as (partition by user_id order by place rows between unbounded preceding and 1 preceding)
),

stated as (
    select
        _seq,
        held,
        kind,
        registered is not null as is_registered,
        max(registered, coalesce(logged_in, 0)) > coalesce(logged_out, 0) as is_logged_in
    from preceded
)

select
    _seq,
    held,
    case
        when kind = 'duplicate' then 'duplicate'
        when kind = 'registration' then iif(is_registered, 'registered already', null)
        when not is_registered then 'not registered'
        when kind = 'login' then iif(is_logged_in, 'logged in already', null)
        when not is_logged_in then 'logged out'
    end as discarded
from stated;

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

create index if not exists events_by_time on events (event_timestamp) where user_id is not null;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'events';
