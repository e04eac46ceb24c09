-- row: the latest state of a row of public.event_v2_data
-- relation: public.event_v2_data
-- key: event_id
-- scaffold: a68349db3e6a2833

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
create table if not exists changed_event_v2_data as
select cast(0 as integer) as _tick, cast('' as text) as _op, cast('' as text) as _image, current_event_v2_data.*
from current_event_v2_data
where false;

drop trigger if exists current_event_v2_data_inserted;
create trigger current_event_v2_data_inserted after insert on current_event_v2_data
when (select recording from elt_watermarks where model = 'current_event_v2_data')
begin
    insert into changed_event_v2_data
    select tick, 'insert', 'new', touched.*
    from elt_clock cross join current_event_v2_data as touched on touched.rowid = new.rowid;
end;

drop trigger if exists current_event_v2_data_updating;
create trigger current_event_v2_data_updating before update on current_event_v2_data
when (select recording from elt_watermarks where model = 'current_event_v2_data')
begin
    insert into changed_event_v2_data
    select tick, 'update', 'old', touched.*
    from elt_clock cross join current_event_v2_data as touched on touched.rowid = old.rowid;
end;

drop trigger if exists current_event_v2_data_updated;
create trigger current_event_v2_data_updated after update on current_event_v2_data
when (select recording from elt_watermarks where model = 'current_event_v2_data')
begin
    insert into changed_event_v2_data
    select tick, 'update', 'new', touched.*
    from elt_clock cross join current_event_v2_data as touched on touched.rowid = new.rowid;
end;

drop trigger if exists current_event_v2_data_deleting;
create trigger current_event_v2_data_deleting before delete on current_event_v2_data
when (select recording from elt_watermarks where model = 'current_event_v2_data')
begin
    insert into changed_event_v2_data
    select tick, 'delete', 'old', touched.*
    from elt_clock cross join current_event_v2_data as touched on touched.rowid = old.rowid;
end;

-- What each change makes of its row: a column that it leaves out keeps what the row holds. _row is the row that
-- the change names, _taken the one that has its new key.
drop view if exists fold_event_v2_data;
create view fold_event_v2_data as
select
    staged._seq, staged._op, staged._old_key, staged._absent,
    held.rowid as _row,
    (select rowid from current_event_v2_data where event_id = staged.event_id) as _taken,
    staged.event_id,
    iif(instr(staged._absent, ',event_sort_id,'), held.event_sort_id, staged.event_sort_id) as event_sort_id,
    iif(instr(staged._absent, ',date,'), held.date, staged.date) as date,
    iif(instr(staged._absent, ',event_type,'), held.event_type, staged.event_type) as event_type,
    iif(instr(staged._absent, ',flow_id,'), held.flow_id, staged.flow_id) as flow_id,
    iif(instr(staged._absent, ',transaction_id,'), held.transaction_id, staged.transaction_id) as transaction_id,
    iif(instr(staged._absent, ',updates,'), held.updates, staged.updates) as updates,
    iif(instr(staged._absent, ',transaction_lifecycle_event,'), held.transaction_lifecycle_event, staged.transaction_lifecycle_event) as transaction_lifecycle_event,
    iif(instr(staged._absent, ',third_party_request,'), held.third_party_request, staged.third_party_request) as third_party_request,
    iif(instr(staged._absent, ',third_party_response,'), held.third_party_response, staged.third_party_response) as third_party_response,
    iif(instr(staged._absent, ',notification,'), held.notification, staged.notification) as notification,
    iif(instr(staged._absent, ',created_at,'), held.created_at, staged.created_at) as created_at,
    iif(instr(staged._absent, ',notification_type,'), held.notification_type, staged.notification_type) as notification_type,
    iif(instr(staged._absent, ',error_details,'), held.error_details, staged.error_details) as error_details,
    iif(instr(staged._absent, ',delivered,'), held.delivered, staged.delivered) as delivered,
    iif(instr(staged._absent, ',notification_config_id,'), held.notification_config_id, staged.notification_config_id) as notification_config_id,
    iif(instr(staged._absent, ',connection_callback_request_id,'), held.connection_callback_request_id, staged.connection_callback_request_id) as connection_callback_request_id,
    iif(instr(staged._absent, ',transaction_request_id,'), held.transaction_request_id, staged.transaction_request_id) as transaction_request_id,
    iif(instr(staged._absent, ',old_event_id,'), held.old_event_id, staged.old_event_id) as old_event_id,
    iif(instr(staged._absent, ',payment_id,'), held.payment_id, staged.payment_id) as payment_id,
    iif(instr(staged._absent, ',reason,'), held.reason, staged.reason) as reason,
    iif(instr(staged._absent, ',connection_id,'), held.connection_id, staged.connection_id) as connection_id
from stg_event_v2_data as staged
left join current_event_v2_data as held on held.rowid = coalesce(
    (select rowid from current_event_v2_data where event_id = staged._old_key ->> '$.event_id'),
    (select rowid from current_event_v2_data where event_id = staged.event_id)
);

create trigger fold_event_v2_data_write instead of insert on fold_event_v2_data
when new._op in ('insert', 'update')
begin
    -- A row from before the slot.
    update elt_watermarks
    set rowless = rowless + 1, rowless_seq = coalesce(rowless_seq, new._seq)
    where model = 'current_event_v2_data'
        and new._op = 'update'
        and (select _row from fold_event_v2_data where _seq = new._seq) is null;

    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from current_event_v2_data
    where new._old_key is not null
        and rowid = (select _taken from fold_event_v2_data where _seq = new._seq and _taken <> _row);

    insert into current_event_v2_data (
        rowid, event_id, event_sort_id, date, event_type, flow_id, transaction_id, updates,
        transaction_lifecycle_event, third_party_request, third_party_response, notification, created_at,
        notification_type, error_details, delivered, notification_config_id, connection_callback_request_id,
        transaction_request_id, old_event_id, payment_id, reason, connection_id
    )
    select
        _row, event_id, event_sort_id, date, event_type, flow_id, transaction_id, updates,
        transaction_lifecycle_event, third_party_request, third_party_response, notification, created_at,
        notification_type, error_details, delivered, notification_config_id, connection_callback_request_id,
        transaction_request_id, old_event_id, payment_id, reason, connection_id
    from fold_event_v2_data
    where _seq = new._seq
    on conflict (rowid) do update
    set (
        event_id, event_sort_id, date, event_type, flow_id, transaction_id, updates,
        transaction_lifecycle_event, third_party_request, third_party_response, notification, created_at,
        notification_type, error_details, delivered, notification_config_id, connection_callback_request_id,
        transaction_request_id, old_event_id, payment_id, reason, connection_id
    ) = (
        excluded.event_id, excluded.event_sort_id, excluded.date, excluded.event_type, excluded.flow_id,
        excluded.transaction_id, excluded.updates, excluded.transaction_lifecycle_event,
        excluded.third_party_request, excluded.third_party_response, excluded.notification,
        excluded.created_at, excluded.notification_type, excluded.error_details, excluded.delivered,
        excluded.notification_config_id, excluded.connection_callback_request_id,
        excluded.transaction_request_id, excluded.old_event_id, excluded.payment_id, excluded.reason,
        excluded.connection_id
    )
    where (
        current_event_v2_data.event_id, current_event_v2_data.event_sort_id, current_event_v2_data.date,
        current_event_v2_data.event_type, current_event_v2_data.flow_id,
        current_event_v2_data.transaction_id, current_event_v2_data.updates,
        current_event_v2_data.transaction_lifecycle_event, current_event_v2_data.third_party_request,
        current_event_v2_data.third_party_response, current_event_v2_data.notification,
        current_event_v2_data.created_at, current_event_v2_data.notification_type,
        current_event_v2_data.error_details, current_event_v2_data.delivered,
        current_event_v2_data.notification_config_id, current_event_v2_data.connection_callback_request_id,
        current_event_v2_data.transaction_request_id, current_event_v2_data.old_event_id,
        current_event_v2_data.payment_id, current_event_v2_data.reason, current_event_v2_data.connection_id
    ) is distinct from (
        excluded.event_id, excluded.event_sort_id, excluded.date, excluded.event_type, excluded.flow_id,
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
    -- A row from before the slot.
    update elt_watermarks
    set rowless = rowless + 1, rowless_seq = coalesce(rowless_seq, new._seq)
    where model = 'current_event_v2_data'
        and (select _row from fold_event_v2_data where _seq = new._seq) is null;

    delete from current_event_v2_data
    where rowid = (select _row from fold_event_v2_data where _seq = new._seq);
end;

create trigger fold_event_v2_data_truncate instead of insert on fold_event_v2_data
when new._op = 'truncate'
begin
    delete from current_event_v2_data;

    -- From here on every row comes.
    update elt_watermarks
    set rowless = 0, rowless_seq = null
    where model = 'current_event_v2_data';
end;

create trigger fold_event_v2_data_stop instead of insert on fold_event_v2_data
when new._op = 'stop' or (
    new._op = 'delete' and exists (select 1 from fold_event_v2_data where _seq = new._seq and (event_id is null))
)
begin
    select raise(abort, 'public.event_v2_data: the stream does not name rows by event_id, and so they cannot be found (see elt transform)');
end;

insert or ignore into elt_watermarks (model) values ('current_event_v2_data');

-- Rows must be named by this key in all that is new, and no column of it may have been retyped.
insert into fold_event_v2_data (_op)
select 'stop'
from elt_keys_ahead
where model = 'current_event_v2_data'
    and (key <> 'event_id' or retyped in ('event_id'));

insert into fold_event_v2_data (_seq, _op, _old_key, _absent)
select _seq, _op, _old_key, _absent
from stg_event_v2_data
where _seq > (select watermark from elt_watermarks where model = 'current_event_v2_data')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_event_v2_data';
