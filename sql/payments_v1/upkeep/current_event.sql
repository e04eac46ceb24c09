-- row: the latest state of a row of public.event
-- relation: public.event
-- key: id
-- scaffold: fa1665c3608f9b59

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
create table if not exists changed_event as
select cast(0 as integer) as _tick, cast('' as text) as _op, cast('' as text) as _image, current_event.*
from current_event
where false;

drop trigger if exists current_event_inserted;
create trigger current_event_inserted after insert on current_event
when (select recording from elt_watermarks where model = 'current_event')
begin
    insert into changed_event
    select tick, 'insert', 'new', touched.*
    from elt_clock cross join current_event as touched on touched.rowid = new.rowid;
end;

drop trigger if exists current_event_updating;
create trigger current_event_updating before update on current_event
when (select recording from elt_watermarks where model = 'current_event')
begin
    insert into changed_event
    select tick, 'update', 'old', touched.*
    from elt_clock cross join current_event as touched on touched.rowid = old.rowid;
end;

drop trigger if exists current_event_updated;
create trigger current_event_updated after update on current_event
when (select recording from elt_watermarks where model = 'current_event')
begin
    insert into changed_event
    select tick, 'update', 'new', touched.*
    from elt_clock cross join current_event as touched on touched.rowid = new.rowid;
end;

drop trigger if exists current_event_deleting;
create trigger current_event_deleting before delete on current_event
when (select recording from elt_watermarks where model = 'current_event')
begin
    insert into changed_event
    select tick, 'delete', 'old', touched.*
    from elt_clock cross join current_event as touched on touched.rowid = old.rowid;
end;

-- What each change makes of its row: a column that it leaves out keeps what the row holds. _row is the row that
-- the change names, _taken the one that has its new key.
drop view if exists fold_event;
create view fold_event as
select
    staged._seq, staged._op, staged._old_key, staged._absent,
    held.rowid as _row,
    (select rowid from current_event where id = staged.id) as _taken,
    staged.id,
    iif(instr(staged._absent, ',flow_id,'), held.flow_id, staged.flow_id) as flow_id,
    iif(instr(staged._absent, ',transaction_id,'), held.transaction_id, staged.transaction_id) as transaction_id,
    iif(instr(staged._absent, ',created_at,'), held.created_at, staged.created_at) as created_at,
    iif(instr(staged._absent, ',transaction_lifecycle_event,'), held.transaction_lifecycle_event, staged.transaction_lifecycle_event) as transaction_lifecycle_event,
    iif(instr(staged._absent, ',error_details,'), held.error_details, staged.error_details) as error_details
from stg_event as staged
left join current_event as held on held.rowid = coalesce(
    (select rowid from current_event where id = staged._old_key ->> '$.id'),
    (select rowid from current_event where id = staged.id)
);

create trigger fold_event_write instead of insert on fold_event
when new._op in ('insert', 'update')
begin
    -- A row from before the slot.
    update elt_watermarks
    set rowless = rowless + 1, rowless_seq = coalesce(rowless_seq, new._seq)
    where model = 'current_event'
        and new._op = 'update'
        and (select _row from fold_event where _seq = new._seq) is null;

    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from current_event
    where new._old_key is not null
        and rowid = (select _taken from fold_event where _seq = new._seq and _taken <> _row);

    insert into current_event (
        rowid, id, flow_id, transaction_id, created_at, transaction_lifecycle_event, error_details
    )
    select
        _row, id, flow_id, transaction_id, created_at, transaction_lifecycle_event, error_details
    from fold_event
    where _seq = new._seq
    on conflict (rowid) do update
    set (
        id, flow_id, transaction_id, created_at, transaction_lifecycle_event, error_details
    ) = (
        excluded.id, excluded.flow_id, excluded.transaction_id, excluded.created_at,
        excluded.transaction_lifecycle_event, excluded.error_details
    )
    where (
        current_event.id, current_event.flow_id, current_event.transaction_id, current_event.created_at,
        current_event.transaction_lifecycle_event, current_event.error_details
    ) is distinct from (
        excluded.id, excluded.flow_id, excluded.transaction_id, excluded.created_at,
        excluded.transaction_lifecycle_event, excluded.error_details
    );
end;

create trigger fold_event_delete instead of insert on fold_event
when new._op = 'delete'
begin
    -- A row from before the slot.
    update elt_watermarks
    set rowless = rowless + 1, rowless_seq = coalesce(rowless_seq, new._seq)
    where model = 'current_event'
        and (select _row from fold_event where _seq = new._seq) is null;

    delete from current_event
    where rowid = (select _row from fold_event where _seq = new._seq);
end;

create trigger fold_event_truncate instead of insert on fold_event
when new._op = 'truncate'
begin
    delete from current_event;

    -- From here on every row comes.
    update elt_watermarks
    set rowless = 0, rowless_seq = null
    where model = 'current_event';
end;

create trigger fold_event_stop instead of insert on fold_event
when new._op = 'stop' or (
    new._op = 'delete' and exists (select 1 from fold_event where _seq = new._seq and (id is null))
)
begin
    select raise(abort, 'public.event: the stream does not name rows by id, and so they cannot be found (see elt transform)');
end;

insert or ignore into elt_watermarks (model) values ('current_event');

-- Rows must be named by this key in all that is new, and no column of it may have been retyped.
insert into fold_event (_op)
select 'stop'
from elt_keys_ahead
where model = 'current_event'
    and (key <> 'id' or retyped in ('id'));

insert into fold_event (_seq, _op, _old_key, _absent)
select _seq, _op, _old_key, _absent
from stg_event
where _seq > (select watermark from elt_watermarks where model = 'current_event')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_event';
