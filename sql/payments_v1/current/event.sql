-- row: the latest state of a row of public.event
-- relation: public.event
-- key: id
-- scaffold: 4b241870673b8317

create table if not exists current_event (
    id text not null,
    flow_id text,
    transaction_id text,
    created_at text,
    transaction_lifecycle_event text,
    error_details text
) strict;

create unique index if not exists key_event
on current_event (id);

-- What the last run changed: each row that it touched, as it was ('old') and as it is ('new').
create table if not exists changed_event (
    _tick integer not null,
    _op text not null,
    _image text not null,
    id text,
    flow_id text,
    transaction_id text,
    created_at text,
    transaction_lifecycle_event text,
    error_details text
) strict;

drop trigger if exists current_event_inserted;
create trigger current_event_inserted after insert on current_event
when (select recording from elt_watermarks where model = 'current_event')
begin
    insert into changed_event
    select
        tick, 'insert', 'new', new.id, new.flow_id, new.transaction_id, new.created_at,
        new.transaction_lifecycle_event, new.error_details
    from elt_clock;
end;

drop trigger if exists current_event_updated;
create trigger current_event_updated after update on current_event
when (select recording from elt_watermarks where model = 'current_event')
begin
    insert into changed_event
    select
        tick, 'update', 'old', old.id, old.flow_id, old.transaction_id, old.created_at,
        old.transaction_lifecycle_event, old.error_details
    from elt_clock;
    insert into changed_event
    select
        tick, 'update', 'new', new.id, new.flow_id, new.transaction_id, new.created_at,
        new.transaction_lifecycle_event, new.error_details
    from elt_clock;
end;

drop trigger if exists current_event_deleted;
create trigger current_event_deleted after delete on current_event
when (select recording from elt_watermarks where model = 'current_event')
begin
    insert into changed_event
    select
        tick, 'delete', 'old', old.id, old.flow_id, old.transaction_id, old.created_at,
        old.transaction_lifecycle_event, old.error_details
    from elt_clock;
end;

-- How one change is folded in; the conditions exclude each other.
drop view if exists fold_event;
create view fold_event as
select _seq, _op, _old_key, _absent from stg_event;

create trigger fold_event_write instead of insert on fold_event
when new._op in ('insert', 'update') and new._old_key is null and new._absent is null
begin
    insert into current_event (
        id, flow_id, transaction_id, created_at, transaction_lifecycle_event, error_details
    )
    select
        id, flow_id, transaction_id, created_at, transaction_lifecycle_event, error_details
    from stg_event
    where _seq = new._seq
    on conflict (id) do update
    set (
        flow_id, transaction_id, created_at, transaction_lifecycle_event, error_details
    ) = (
        excluded.flow_id, excluded.transaction_id, excluded.created_at,
        excluded.transaction_lifecycle_event, excluded.error_details
    )
    where (
        current_event.flow_id, current_event.transaction_id, current_event.created_at,
        current_event.transaction_lifecycle_event, current_event.error_details
    ) is distinct from (
        excluded.flow_id, excluded.transaction_id, excluded.created_at,
        excluded.transaction_lifecycle_event, excluded.error_details
    );
end;

create trigger fold_event_patch instead of insert on fold_event
when new._op in ('insert', 'update') and (new._old_key is not null or new._absent is not null)
begin
    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from current_event
    where id = (select id from stg_event where _seq = new._seq)
        and id <> new._old_key ->> '$.id'
        and exists (select 1 from current_event where id = new._old_key ->> '$.id');

    update current_event
    set id = (select id from stg_event where _seq = new._seq)
    where id = new._old_key ->> '$.id';

    insert into current_event (
        id, flow_id, transaction_id, created_at, transaction_lifecycle_event, error_details
    )
    select
        staged.id,
        iif(instr(new._absent, ',flow_id,'), held.flow_id, staged.flow_id),
        iif(instr(new._absent, ',transaction_id,'), held.transaction_id, staged.transaction_id),
        iif(instr(new._absent, ',created_at,'), held.created_at, staged.created_at),
        iif(instr(new._absent, ',transaction_lifecycle_event,'), held.transaction_lifecycle_event, staged.transaction_lifecycle_event),
        iif(instr(new._absent, ',error_details,'), held.error_details, staged.error_details)
    from stg_event as staged
    left join current_event as held on held.id = staged.id
    where staged._seq = new._seq
    on conflict (id) do update
    set (
        flow_id, transaction_id, created_at, transaction_lifecycle_event, error_details
    ) = (
        excluded.flow_id, excluded.transaction_id, excluded.created_at,
        excluded.transaction_lifecycle_event, excluded.error_details
    )
    where (
        current_event.flow_id, current_event.transaction_id, current_event.created_at,
        current_event.transaction_lifecycle_event, current_event.error_details
    ) is distinct from (
        excluded.flow_id, excluded.transaction_id, excluded.created_at,
        excluded.transaction_lifecycle_event, excluded.error_details
    );
end;

create trigger fold_event_delete instead of insert on fold_event
when new._op = 'delete'
begin
    delete from current_event
    where id = (select id from stg_event where _seq = new._seq);
end;

create trigger fold_event_truncate instead of insert on fold_event
when new._op = 'truncate'
begin
    delete from current_event;
end;

insert or ignore into elt_watermarks (model) values ('current_event');

insert into fold_event
select _seq, _op, _old_key, _absent
from stg_event
where _seq > (select watermark from elt_watermarks where model = 'current_event')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_event';
