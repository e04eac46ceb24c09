-- row: the latest state of a row of public.event_v2_data
-- relation: public.event_v2_data
-- key: event_id
-- scaffold: 9e6e25d49b670700

create table if not exists current_event_v2_data (
    event_id text not null,
    event_sort_id integer,
    date text,
    event_type text,
    flow_id text,
    transaction_id text,
    updates text,
    transaction_lifecycle_event text,
    third_party_request text,
    third_party_response text,
    notification text,
    created_at text,
    notification_type text,
    error_details text,
    delivered integer,
    notification_config_id text,
    connection_callback_request_id text,
    transaction_request_id text,
    old_event_id text,
    payment_id text,
    reason text,
    connection_id text
) strict;

create unique index if not exists key_event_v2_data
on current_event_v2_data (event_id);

-- What the last run changed: each row that it touched, as it was ('old') and as it is ('new').
create table if not exists changed_event_v2_data (
    _tick integer not null,
    _op text not null,
    _image text not null,
    event_id text,
    event_sort_id integer,
    date text,
    event_type text,
    flow_id text,
    transaction_id text,
    updates text,
    transaction_lifecycle_event text,
    third_party_request text,
    third_party_response text,
    notification text,
    created_at text,
    notification_type text,
    error_details text,
    delivered integer,
    notification_config_id text,
    connection_callback_request_id text,
    transaction_request_id text,
    old_event_id text,
    payment_id text,
    reason text,
    connection_id text
) strict;

drop trigger if exists current_event_v2_data_inserted;
create trigger current_event_v2_data_inserted after insert on current_event_v2_data
when (select recording from elt_watermarks where model = 'current_event_v2_data')
begin
    insert into changed_event_v2_data
    select
        tick, 'insert', 'new', new.event_id, new.event_sort_id, new.date, new.event_type, new.flow_id,
        new.transaction_id, new.updates, new.transaction_lifecycle_event, new.third_party_request,
        new.third_party_response, new.notification, new.created_at, new.notification_type,
        new.error_details, new.delivered, new.notification_config_id, new.connection_callback_request_id,
        new.transaction_request_id, new.old_event_id, new.payment_id, new.reason, new.connection_id
    from elt_clock;
end;

drop trigger if exists current_event_v2_data_updated;
create trigger current_event_v2_data_updated after update on current_event_v2_data
when (select recording from elt_watermarks where model = 'current_event_v2_data')
begin
    insert into changed_event_v2_data
    select
        tick, 'update', 'old', old.event_id, old.event_sort_id, old.date, old.event_type, old.flow_id,
        old.transaction_id, old.updates, old.transaction_lifecycle_event, old.third_party_request,
        old.third_party_response, old.notification, old.created_at, old.notification_type,
        old.error_details, old.delivered, old.notification_config_id, old.connection_callback_request_id,
        old.transaction_request_id, old.old_event_id, old.payment_id, old.reason, old.connection_id
    from elt_clock;
    insert into changed_event_v2_data
    select
        tick, 'update', 'new', new.event_id, new.event_sort_id, new.date, new.event_type, new.flow_id,
        new.transaction_id, new.updates, new.transaction_lifecycle_event, new.third_party_request,
        new.third_party_response, new.notification, new.created_at, new.notification_type,
        new.error_details, new.delivered, new.notification_config_id, new.connection_callback_request_id,
        new.transaction_request_id, new.old_event_id, new.payment_id, new.reason, new.connection_id
    from elt_clock;
end;

drop trigger if exists current_event_v2_data_deleted;
create trigger current_event_v2_data_deleted after delete on current_event_v2_data
when (select recording from elt_watermarks where model = 'current_event_v2_data')
begin
    insert into changed_event_v2_data
    select
        tick, 'delete', 'old', old.event_id, old.event_sort_id, old.date, old.event_type, old.flow_id,
        old.transaction_id, old.updates, old.transaction_lifecycle_event, old.third_party_request,
        old.third_party_response, old.notification, old.created_at, old.notification_type,
        old.error_details, old.delivered, old.notification_config_id, old.connection_callback_request_id,
        old.transaction_request_id, old.old_event_id, old.payment_id, old.reason, old.connection_id
    from elt_clock;
end;

-- How one change is folded in; the conditions exclude each other.
drop view if exists fold_event_v2_data;
create view fold_event_v2_data as
select _seq, _op, _old_key, _absent from stg_event_v2_data;

create trigger fold_event_v2_data_write instead of insert on fold_event_v2_data
when new._op in ('insert', 'update') and new._old_key is null and new._absent is null
begin
    insert into current_event_v2_data (
        event_id, event_sort_id, date, event_type, flow_id, transaction_id, updates,
        transaction_lifecycle_event, third_party_request, third_party_response, notification, created_at,
        notification_type, error_details, delivered, notification_config_id, connection_callback_request_id,
        transaction_request_id, old_event_id, payment_id, reason, connection_id
    )
    select
        event_id, event_sort_id, date, event_type, flow_id, transaction_id, updates,
        transaction_lifecycle_event, third_party_request, third_party_response, notification, created_at,
        notification_type, error_details, delivered, notification_config_id, connection_callback_request_id,
        transaction_request_id, old_event_id, payment_id, reason, connection_id
    from stg_event_v2_data
    where _seq = new._seq
    on conflict (event_id) do update
    set (
        event_sort_id, date, event_type, flow_id, transaction_id, updates, transaction_lifecycle_event,
        third_party_request, third_party_response, notification, created_at, notification_type,
        error_details, delivered, notification_config_id, connection_callback_request_id,
        transaction_request_id, old_event_id, payment_id, reason, connection_id
    ) = (
        excluded.event_sort_id, excluded.date, excluded.event_type, excluded.flow_id,
        excluded.transaction_id, excluded.updates, excluded.transaction_lifecycle_event,
        excluded.third_party_request, excluded.third_party_response, excluded.notification,
        excluded.created_at, excluded.notification_type, excluded.error_details, excluded.delivered,
        excluded.notification_config_id, excluded.connection_callback_request_id,
        excluded.transaction_request_id, excluded.old_event_id, excluded.payment_id, excluded.reason,
        excluded.connection_id
    )
    where (
        current_event_v2_data.event_sort_id, current_event_v2_data.date, current_event_v2_data.event_type,
        current_event_v2_data.flow_id, current_event_v2_data.transaction_id, current_event_v2_data.updates,
        current_event_v2_data.transaction_lifecycle_event, current_event_v2_data.third_party_request,
        current_event_v2_data.third_party_response, current_event_v2_data.notification,
        current_event_v2_data.created_at, current_event_v2_data.notification_type,
        current_event_v2_data.error_details, current_event_v2_data.delivered,
        current_event_v2_data.notification_config_id, current_event_v2_data.connection_callback_request_id,
        current_event_v2_data.transaction_request_id, current_event_v2_data.old_event_id,
        current_event_v2_data.payment_id, current_event_v2_data.reason, current_event_v2_data.connection_id
    ) is distinct from (
        excluded.event_sort_id, excluded.date, excluded.event_type, excluded.flow_id,
        excluded.transaction_id, excluded.updates, excluded.transaction_lifecycle_event,
        excluded.third_party_request, excluded.third_party_response, excluded.notification,
        excluded.created_at, excluded.notification_type, excluded.error_details, excluded.delivered,
        excluded.notification_config_id, excluded.connection_callback_request_id,
        excluded.transaction_request_id, excluded.old_event_id, excluded.payment_id, excluded.reason,
        excluded.connection_id
    );
end;

create trigger fold_event_v2_data_patch instead of insert on fold_event_v2_data
when new._op in ('insert', 'update') and (new._old_key is not null or new._absent is not null)
begin
    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from current_event_v2_data
    where event_id = (select event_id from stg_event_v2_data where _seq = new._seq)
        and event_id <> new._old_key ->> '$.event_id'
        and exists (select 1 from current_event_v2_data where event_id = new._old_key ->> '$.event_id');

    update current_event_v2_data
    set event_id = (select event_id from stg_event_v2_data where _seq = new._seq)
    where event_id = new._old_key ->> '$.event_id';

    insert into current_event_v2_data (
        event_id, event_sort_id, date, event_type, flow_id, transaction_id, updates,
        transaction_lifecycle_event, third_party_request, third_party_response, notification, created_at,
        notification_type, error_details, delivered, notification_config_id, connection_callback_request_id,
        transaction_request_id, old_event_id, payment_id, reason, connection_id
    )
    select
        staged.event_id,
        iif(instr(new._absent, ',event_sort_id,'), held.event_sort_id, staged.event_sort_id),
        iif(instr(new._absent, ',date,'), held.date, staged.date),
        iif(instr(new._absent, ',event_type,'), held.event_type, staged.event_type),
        iif(instr(new._absent, ',flow_id,'), held.flow_id, staged.flow_id),
        iif(instr(new._absent, ',transaction_id,'), held.transaction_id, staged.transaction_id),
        iif(instr(new._absent, ',updates,'), held.updates, staged.updates),
        iif(instr(new._absent, ',transaction_lifecycle_event,'), held.transaction_lifecycle_event, staged.transaction_lifecycle_event),
        iif(instr(new._absent, ',third_party_request,'), held.third_party_request, staged.third_party_request),
        iif(instr(new._absent, ',third_party_response,'), held.third_party_response, staged.third_party_response),
        iif(instr(new._absent, ',notification,'), held.notification, staged.notification),
        iif(instr(new._absent, ',created_at,'), held.created_at, staged.created_at),
        iif(instr(new._absent, ',notification_type,'), held.notification_type, staged.notification_type),
        iif(instr(new._absent, ',error_details,'), held.error_details, staged.error_details),
        iif(instr(new._absent, ',delivered,'), held.delivered, staged.delivered),
        iif(instr(new._absent, ',notification_config_id,'), held.notification_config_id, staged.notification_config_id),
        iif(instr(new._absent, ',connection_callback_request_id,'), held.connection_callback_request_id, staged.connection_callback_request_id),
        iif(instr(new._absent, ',transaction_request_id,'), held.transaction_request_id, staged.transaction_request_id),
        iif(instr(new._absent, ',old_event_id,'), held.old_event_id, staged.old_event_id),
        iif(instr(new._absent, ',payment_id,'), held.payment_id, staged.payment_id),
        iif(instr(new._absent, ',reason,'), held.reason, staged.reason),
        iif(instr(new._absent, ',connection_id,'), held.connection_id, staged.connection_id)
    from stg_event_v2_data as staged
    left join current_event_v2_data as held on held.event_id = staged.event_id
    where staged._seq = new._seq
    on conflict (event_id) do update
    set (
        event_sort_id, date, event_type, flow_id, transaction_id, updates, transaction_lifecycle_event,
        third_party_request, third_party_response, notification, created_at, notification_type,
        error_details, delivered, notification_config_id, connection_callback_request_id,
        transaction_request_id, old_event_id, payment_id, reason, connection_id
    ) = (
        excluded.event_sort_id, excluded.date, excluded.event_type, excluded.flow_id,
        excluded.transaction_id, excluded.updates, excluded.transaction_lifecycle_event,
        excluded.third_party_request, excluded.third_party_response, excluded.notification,
        excluded.created_at, excluded.notification_type, excluded.error_details, excluded.delivered,
        excluded.notification_config_id, excluded.connection_callback_request_id,
        excluded.transaction_request_id, excluded.old_event_id, excluded.payment_id, excluded.reason,
        excluded.connection_id
    )
    where (
        current_event_v2_data.event_sort_id, current_event_v2_data.date, current_event_v2_data.event_type,
        current_event_v2_data.flow_id, current_event_v2_data.transaction_id, current_event_v2_data.updates,
        current_event_v2_data.transaction_lifecycle_event, current_event_v2_data.third_party_request,
        current_event_v2_data.third_party_response, current_event_v2_data.notification,
        current_event_v2_data.created_at, current_event_v2_data.notification_type,
        current_event_v2_data.error_details, current_event_v2_data.delivered,
        current_event_v2_data.notification_config_id, current_event_v2_data.connection_callback_request_id,
        current_event_v2_data.transaction_request_id, current_event_v2_data.old_event_id,
        current_event_v2_data.payment_id, current_event_v2_data.reason, current_event_v2_data.connection_id
    ) is distinct from (
        excluded.event_sort_id, excluded.date, excluded.event_type, excluded.flow_id,
        excluded.transaction_id, excluded.updates, excluded.transaction_lifecycle_event,
        excluded.third_party_request, excluded.third_party_response, excluded.notification,
        excluded.created_at, excluded.notification_type, excluded.error_details, excluded.delivered,
        excluded.notification_config_id, excluded.connection_callback_request_id,
        excluded.transaction_request_id, excluded.old_event_id, excluded.payment_id, excluded.reason,
        excluded.connection_id
    );
end;

create trigger fold_event_v2_data_delete instead of insert on fold_event_v2_data
when new._op = 'delete'
begin
    delete from current_event_v2_data
    where event_id = (select event_id from stg_event_v2_data where _seq = new._seq);
end;

create trigger fold_event_v2_data_truncate instead of insert on fold_event_v2_data
when new._op = 'truncate'
begin
    delete from current_event_v2_data;
end;

insert or ignore into elt_watermarks (model) values ('current_event_v2_data');

insert into fold_event_v2_data
select _seq, _op, _old_key, _absent
from stg_event_v2_data
where _seq > (select watermark from elt_watermarks where model = 'current_event_v2_data')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_event_v2_data';
