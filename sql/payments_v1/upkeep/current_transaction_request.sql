-- row: the latest state of a row of public.transaction_request
-- relation: public.transaction_request
-- key: transaction_request_id
-- scaffold: f32828d3c101a7c9

create table if not exists current_transaction_request (
    transaction_request_id text not null,
    flow_id text,
    token_id text,
    vault_options text
) strict;

create unique index if not exists key_transaction_request
on current_transaction_request (transaction_request_id);

-- What the last run changed: each row that it touched, as it was ('old') and as it is ('new').
create table if not exists changed_transaction_request as
select cast(0 as integer) as _tick, cast('' as text) as _op, cast('' as text) as _image, current_transaction_request.*
from current_transaction_request
where false;

drop trigger if exists current_transaction_request_inserted;
create trigger current_transaction_request_inserted after insert on current_transaction_request
when (select recording from elt_watermarks where model = 'current_transaction_request')
begin
    insert into changed_transaction_request
    select tick, 'insert', 'new', touched.*
    from elt_clock cross join current_transaction_request as touched on touched.rowid = new.rowid;
end;

drop trigger if exists current_transaction_request_updating;
create trigger current_transaction_request_updating before update on current_transaction_request
when (select recording from elt_watermarks where model = 'current_transaction_request')
begin
    insert into changed_transaction_request
    select tick, 'update', 'old', touched.*
    from elt_clock cross join current_transaction_request as touched on touched.rowid = old.rowid;
end;

drop trigger if exists current_transaction_request_updated;
create trigger current_transaction_request_updated after update on current_transaction_request
when (select recording from elt_watermarks where model = 'current_transaction_request')
begin
    insert into changed_transaction_request
    select tick, 'update', 'new', touched.*
    from elt_clock cross join current_transaction_request as touched on touched.rowid = new.rowid;
end;

drop trigger if exists current_transaction_request_deleting;
create trigger current_transaction_request_deleting before delete on current_transaction_request
when (select recording from elt_watermarks where model = 'current_transaction_request')
begin
    insert into changed_transaction_request
    select tick, 'delete', 'old', touched.*
    from elt_clock cross join current_transaction_request as touched on touched.rowid = old.rowid;
end;

-- What each change makes of its row: a column that it leaves out keeps what the row holds. _row is the row that
-- the change names, _taken the one that has its new key.
drop view if exists fold_transaction_request;
create view fold_transaction_request as
select
    staged._seq, staged._op, staged._old_key, staged._absent,
    held.rowid as _row,
    (select rowid from current_transaction_request where transaction_request_id = staged.transaction_request_id) as _taken,
    staged.transaction_request_id,
    iif(instr(staged._absent, ',flow_id,'), held.flow_id, staged.flow_id) as flow_id,
    iif(instr(staged._absent, ',token_id,'), held.token_id, staged.token_id) as token_id,
    iif(instr(staged._absent, ',vault_options,'), held.vault_options, staged.vault_options) as vault_options
from stg_transaction_request as staged
left join current_transaction_request as held on held.rowid = coalesce(
    (select rowid from current_transaction_request where transaction_request_id = staged._old_key ->> '$.transaction_request_id'),
    (select rowid from current_transaction_request where transaction_request_id = staged.transaction_request_id)
);

create trigger fold_transaction_request_write instead of insert on fold_transaction_request
when new._op in ('insert', 'update')
begin
    -- A row from before the slot.
    update elt_watermarks
    set rowless = rowless + 1, rowless_seq = coalesce(rowless_seq, new._seq)
    where model = 'current_transaction_request'
        and new._op = 'update'
        and (select _row from fold_transaction_request where _seq = new._seq) is null;

    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from current_transaction_request
    where new._old_key is not null
        and rowid = (select _taken from fold_transaction_request where _seq = new._seq and _taken <> _row);

    insert into current_transaction_request (
        rowid, transaction_request_id, flow_id, token_id, vault_options
    )
    select
        _row, transaction_request_id, flow_id, token_id, vault_options
    from fold_transaction_request
    where _seq = new._seq
    on conflict (rowid) do update
    set (
        transaction_request_id, flow_id, token_id, vault_options
    ) = (
        excluded.transaction_request_id, excluded.flow_id, excluded.token_id, excluded.vault_options
    )
    where (
        current_transaction_request.transaction_request_id, current_transaction_request.flow_id,
        current_transaction_request.token_id, current_transaction_request.vault_options
    ) is distinct from (
        excluded.transaction_request_id, excluded.flow_id, excluded.token_id, excluded.vault_options
    );
end;

create trigger fold_transaction_request_delete instead of insert on fold_transaction_request
when new._op = 'delete'
begin
    -- A row from before the slot.
    update elt_watermarks
    set rowless = rowless + 1, rowless_seq = coalesce(rowless_seq, new._seq)
    where model = 'current_transaction_request'
        and (select _row from fold_transaction_request where _seq = new._seq) is null;

    delete from current_transaction_request
    where rowid = (select _row from fold_transaction_request where _seq = new._seq);
end;

create trigger fold_transaction_request_truncate instead of insert on fold_transaction_request
when new._op = 'truncate'
begin
    delete from current_transaction_request;

    -- From here on every row comes.
    update elt_watermarks
    set rowless = 0, rowless_seq = null
    where model = 'current_transaction_request';
end;

create trigger fold_transaction_request_stop instead of insert on fold_transaction_request
when new._op = 'stop' or (
    new._op = 'delete' and exists (select 1 from fold_transaction_request where _seq = new._seq and (transaction_request_id is null))
)
begin
    select raise(abort, 'public.transaction_request: the stream does not name rows by transaction_request_id, and so they cannot be found (see elt transform)');
end;

insert or ignore into elt_watermarks (model) values ('current_transaction_request');

-- Rows must be named by this key in all that is new, and no column of it may have been retyped.
insert into fold_transaction_request (_op)
select 'stop'
from elt_keys_ahead
where model = 'current_transaction_request'
    and (key <> 'transaction_request_id' or retyped in ('transaction_request_id'));

insert into fold_transaction_request (_seq, _op, _old_key, _absent)
select _seq, _op, _old_key, _absent
from stg_transaction_request
where _seq > (select watermark from elt_watermarks where model = 'current_transaction_request')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_transaction_request';
