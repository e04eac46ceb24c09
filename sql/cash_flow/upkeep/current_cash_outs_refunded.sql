-- row: the latest state of a row of public.cash_outs_refunded
-- relation: public.cash_outs_refunded
-- key: transaction_id
-- scaffold: a1343c72957279a5

create table if not exists current_cash_outs_refunded (
    transaction_id text not null,
    inserted_at integer
) strict;

create unique index if not exists key_cash_outs_refunded
on current_cash_outs_refunded (transaction_id);

-- What the last run changed: each row that it touched, as it was ('old') and as it is ('new').
create table if not exists changed_cash_outs_refunded as
select cast(0 as integer) as _tick, cast('' as text) as _op, cast('' as text) as _image, current_cash_outs_refunded.*
from current_cash_outs_refunded
where false;

drop trigger if exists current_cash_outs_refunded_inserted;
create trigger current_cash_outs_refunded_inserted after insert on current_cash_outs_refunded
when (select recording from elt_watermarks where model = 'current_cash_outs_refunded')
begin
    insert into changed_cash_outs_refunded
    select tick, 'insert', 'new', touched.*
    from elt_clock cross join current_cash_outs_refunded as touched on touched.rowid = new.rowid;
end;

drop trigger if exists current_cash_outs_refunded_updating;
create trigger current_cash_outs_refunded_updating before update on current_cash_outs_refunded
when (select recording from elt_watermarks where model = 'current_cash_outs_refunded')
begin
    insert into changed_cash_outs_refunded
    select tick, 'update', 'old', touched.*
    from elt_clock cross join current_cash_outs_refunded as touched on touched.rowid = old.rowid;
end;

drop trigger if exists current_cash_outs_refunded_updated;
create trigger current_cash_outs_refunded_updated after update on current_cash_outs_refunded
when (select recording from elt_watermarks where model = 'current_cash_outs_refunded')
begin
    insert into changed_cash_outs_refunded
    select tick, 'update', 'new', touched.*
    from elt_clock cross join current_cash_outs_refunded as touched on touched.rowid = new.rowid;
end;

drop trigger if exists current_cash_outs_refunded_deleting;
create trigger current_cash_outs_refunded_deleting before delete on current_cash_outs_refunded
when (select recording from elt_watermarks where model = 'current_cash_outs_refunded')
begin
    insert into changed_cash_outs_refunded
    select tick, 'delete', 'old', touched.*
    from elt_clock cross join current_cash_outs_refunded as touched on touched.rowid = old.rowid;
end;

-- What each change makes of its row: a column that it leaves out keeps what the row holds. _row is the row that
-- the change names, _taken the one that has its new key.
drop view if exists fold_cash_outs_refunded;
create view fold_cash_outs_refunded as
select
    staged._seq, staged._op, staged._old_key, staged._absent,
    held.rowid as _row,
    (select rowid from current_cash_outs_refunded where transaction_id = staged.transaction_id) as _taken,
    staged.transaction_id,
    iif(instr(staged._absent, ',inserted_at,'), held.inserted_at, staged.inserted_at) as inserted_at
from stg_cash_outs_refunded as staged
left join current_cash_outs_refunded as held on held.rowid = coalesce(
    (select rowid from current_cash_outs_refunded where transaction_id = staged._old_key ->> '$.transaction_id'),
    (select rowid from current_cash_outs_refunded where transaction_id = staged.transaction_id)
);

create trigger fold_cash_outs_refunded_write instead of insert on fold_cash_outs_refunded
when new._op in ('insert', 'update')
begin
    -- A row from before the slot.
    update elt_watermarks
    set rowless = rowless + 1, rowless_seq = coalesce(rowless_seq, new._seq)
    where model = 'current_cash_outs_refunded'
        and new._op = 'update'
        and (select _row from fold_cash_outs_refunded where _seq = new._seq) is null;

    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from current_cash_outs_refunded
    where new._old_key is not null
        and rowid = (select _taken from fold_cash_outs_refunded where _seq = new._seq and _taken <> _row);

    insert into current_cash_outs_refunded (
        rowid, transaction_id, inserted_at
    )
    select
        _row, transaction_id, inserted_at
    from fold_cash_outs_refunded
    where _seq = new._seq
    on conflict (rowid) do update
    set (
        transaction_id, inserted_at
    ) = (
        excluded.transaction_id, excluded.inserted_at
    )
    where (
        current_cash_outs_refunded.transaction_id, current_cash_outs_refunded.inserted_at
    ) is distinct from (
        excluded.transaction_id, excluded.inserted_at
    );
end;

create trigger fold_cash_outs_refunded_delete instead of insert on fold_cash_outs_refunded
when new._op = 'delete'
begin
    -- A row from before the slot.
    update elt_watermarks
    set rowless = rowless + 1, rowless_seq = coalesce(rowless_seq, new._seq)
    where model = 'current_cash_outs_refunded'
        and (select _row from fold_cash_outs_refunded where _seq = new._seq) is null;

    delete from current_cash_outs_refunded
    where rowid = (select _row from fold_cash_outs_refunded where _seq = new._seq);
end;

create trigger fold_cash_outs_refunded_truncate instead of insert on fold_cash_outs_refunded
when new._op = 'truncate'
begin
    delete from current_cash_outs_refunded;

    -- From here on every row comes.
    update elt_watermarks
    set rowless = 0, rowless_seq = null
    where model = 'current_cash_outs_refunded';
end;

create trigger fold_cash_outs_refunded_stop instead of insert on fold_cash_outs_refunded
when new._op = 'stop' or (
    new._op = 'delete' and exists (select 1 from fold_cash_outs_refunded where _seq = new._seq and (transaction_id is null))
)
begin
    select raise(abort, 'public.cash_outs_refunded: the stream does not name rows by transaction_id, and so they cannot be found (see elt transform)');
end;

insert or ignore into elt_watermarks (model) values ('current_cash_outs_refunded');

-- Rows must be named by this key in all that is new, and no column of it may have been retyped.
insert into fold_cash_outs_refunded (_op)
select 'stop'
from elt_keys_ahead
where model = 'current_cash_outs_refunded'
    and (key <> 'transaction_id' or retyped in ('transaction_id'));

insert into fold_cash_outs_refunded (_seq, _op, _old_key, _absent)
select _seq, _op, _old_key, _absent
from stg_cash_outs_refunded
where _seq > (select watermark from elt_watermarks where model = 'current_cash_outs_refunded')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_cash_outs_refunded';
