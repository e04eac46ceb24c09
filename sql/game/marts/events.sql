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
    user_id text
) strict;

drop trigger if exists events_inserted;
create trigger events_inserted after insert on events
when (select recording from elt_watermarks where model = 'events')
begin
    insert into changed_events
    select tick, 'insert', 'new', new._seq, new.event_id, new.user_id
    from elt_clock;
end;

drop trigger if exists events_updated;
create trigger events_updated after update on events
when (select recording from elt_watermarks where model = 'events')
begin
    insert into changed_events
    select tick, 'update', 'old', old._seq, old.event_id, old.user_id
    from elt_clock;
    insert into changed_events
    select tick, 'update', 'new', new._seq, new.event_id, new.user_id
    from elt_clock;
end;

drop trigger if exists events_deleted;
create trigger events_deleted after delete on events
when (select recording from elt_watermarks where model = 'events')
begin
    insert into changed_events
    select tick, 'delete', 'old', old._seq, old.event_id, old.user_id
    from elt_clock;
end;

insert or ignore into elt_watermarks (model) values ('events');

-- 1. New lines are read. A field that is not of its type is null; an integer is one of 64 bits, written without a
--    fraction or an exponent.
drop view if exists events_read;
create view events_read as
with json_event as (
    select
        _seq,
        event_id,
        event_timestamp,
        iif(json_valid(event_type), event_type, null) as event_type,
        iif(json_valid(event_data), event_data, null) as event_data
    from stg_events
),

typed as (
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
        iif(json_type(event_data, '$.country') = 'text', event_data ->> '$.country', null) as country,
        iif(json_type(event_data, '$.name') = 'text', event_data ->> '$.name', null) as name,
        iif(json_type(event_data, '$.device_os') = 'text', event_data ->> '$.device_os', null) as device_os,
        coalesce(json_type(event_data, '$.marketing_campaign'), 'null') in ('text', 'null') as has_campaign,
        iif(
            json_type(event_data, '$.marketing_campaign') = 'text', event_data ->> '$.marketing_campaign', null
        ) as marketing_campaign,
        iif(
            json_type(event_data, '$.transaction_amount') in ('integer', 'real'),
            event_data ->> '$.transaction_amount',
            null
        ) as amount,
        iif(
            json_type(event_data, '$.transaction_currency') = 'text',
            event_data ->> '$.transaction_currency',
            null
        ) as currency
    from json_event
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
    iif(event_type = 'registration', country, null),
    iif(event_type = 'registration', name, null),
    iif(event_type = 'registration', device_os, null),
    iif(event_type = 'registration', marketing_campaign, null),
    iif(event_type = 'transaction' and is_valid, amount, null),
    iif(event_type = 'transaction', currency, null),
    iif(is_valid, 'not judged yet', 'invalid')
from events_read
where _seq > (select watermark from elt_watermarks where model = 'events')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

-- The ways in which the next steps find rows; made here, because a first run fills the table faster without them.
-- An invalid event has neither an event_id nor a user: it reaches no other one.
create index if not exists events_by_id on events (event_id) where event_id is not null;
create index if not exists events_by_user on events (user_id, event_timestamp, event_id) where user_id is not null;

-- 2. Which users they reach: their own, and those whose events share an event_id with them.
create table if not exists events_dirty (
    user_id text not null primary key
) strict, without rowid;

delete from events_dirty;

insert or ignore into events_dirty
select fresh.user_id
from events as fresh
where fresh._seq > (select watermark from elt_watermarks where model = 'events')
    and fresh.user_id is not null

union all

select other.user_id
from events as fresh
cross join events as other on other.event_id = fresh.event_id
where fresh._seq > (select watermark from elt_watermarks where model = 'events')
    and fresh.event_id is not null;

-- 3. All events of those users are judged anew, each user's in order of time; duplicates stand apart.
drop view if exists events_judged;
create view events_judged as
with candidate as (
    select
        event._seq,
        event.event_id,
        event.event_timestamp,
        event.event_type,
        event.user_id,
        -- Of events that share an event_id the first stays, by time, then by the bytes of the line.
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
        ) as is_duplicate
    from events_dirty as dirty
    cross join events as event on event.user_id = dirty.user_id
),

placed as (
    select
        *,
        row_number() over in_time as place,
        sum(event_type = 'registration') over in_time as registrations
    from candidate
    window in_time as (
        partition by user_id, is_duplicate order by event_timestamp, event_id
        rows between unbounded preceding and current row
    )
),

-- Whether the user is logged in before the event: the last event before it that logs in or out tells, also one that is
-- ignored. Its place is doubled, and one is added for a login, so that the maximum says which it was.
stated as (
    select
        *,
        coalesce(
            max(
                case
                    when event_type = 'registration' and registrations = 1 then place * 2 + 1
                    when event_type = 'login' then place * 2 + 1
                    when event_type = 'logout' then place * 2
                end
            ) over (
                partition by user_id, is_duplicate order by place
                rows between unbounded preceding and 1 preceding
            ) % 2,
            0
        ) as is_logged_in
    from placed
)

select
    _seq,
    case
        when is_duplicate then 'duplicate'
        when registrations = 0 then 'not registered'
        when event_type = 'registration' and registrations > 1 then 'registered already'
        when event_type = 'login' and is_logged_in then 'logged in already'
        when event_type in ('logout', 'transaction') and not is_logged_in then 'logged out'
    end as discarded
from stated;

update events
set discarded = judged.discarded
from events_judged as judged
where judged._seq = events._seq
    and events.discarded is distinct from judged.discarded;

create index if not exists events_by_time on events (event_timestamp) where user_id is not null;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'events';
