-- row: the latest state of a row of public.cash_outs_refunded
-- relation: public.cash_outs_refunded
-- key: transaction_id
-- scaffold: 87daf68a2c3eb68a

create table if not exists current_cash_outs_refunded (
    transaction_id text not null,
    inserted_at integer
) strict;

create unique index if not exists key_cash_outs_refunded
on current_cash_outs_refunded (transaction_id);

-- What the last run changed: each row that it touched, as it was ('old') and as it is ('new').
create table if not exists changed_cash_outs_refunded (
    _tick integer not null,
    _op text not null,
    _image text not null,
    transaction_id text,
    inserted_at integer
) strict;

drop trigger if exists current_cash_outs_refunded_inserted;
create trigger current_cash_outs_refunded_inserted after insert on current_cash_outs_refunded
when (select recording from elt_watermarks where model = 'current_cash_outs_refunded')
begin
    insert into changed_cash_outs_refunded
    select
        tick, 'insert', 'new', new.transaction_id, new.inserted_at
    from elt_clock;
end;

drop trigger if exists current_cash_outs_refunded_updated;
create trigger current_cash_outs_refunded_updated after update on current_cash_outs_refunded
when (select recording from elt_watermarks where model = 'current_cash_outs_refunded')
begin
    insert into changed_cash_outs_refunded
    select
        tick, 'update', 'old', old.transaction_id, old.inserted_at
    from elt_clock;
    insert into changed_cash_outs_refunded
    select
        tick, 'update', 'new', new.transaction_id, new.inserted_at
    from elt_clock;
end;

drop trigger if exists current_cash_outs_refunded_deleted;
create trigger current_cash_outs_refunded_deleted after delete on current_cash_outs_refunded
when (select recording from elt_watermarks where model = 'current_cash_outs_refunded')
begin
    insert into changed_cash_outs_refunded
    select
        tick, 'delete', 'old', old.transaction_id, old.inserted_at
    from elt_clock;
end;

-- How one change is folded in; the conditions exclude each other.
drop view if exists fold_cash_outs_refunded;
create view fold_cash_outs_refunded as
select _seq, _op, _old_key, _absent from stg_cash_outs_refunded;

create trigger fold_cash_outs_refunded_write instead of insert on fold_cash_outs_refunded
when new._op in ('insert', 'update') and new._old_key is null and new._absent is null
begin
    insert into current_cash_outs_refunded (
        transaction_id, inserted_at
    )
    select
        transaction_id, inserted_at
    from stg_cash_outs_refunded
    where _seq = new._seq
    on conflict (transaction_id) do update
    set inserted_at = excluded.inserted_at
    where current_cash_outs_refunded.inserted_at is distinct from excluded.inserted_at;
end;

create trigger fold_cash_outs_refunded_patch instead of insert on fold_cash_outs_refunded
when new._op in ('insert', 'update') and (new._old_key is not null or new._absent is not null)
begin
    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from current_cash_outs_refunded
    where transaction_id = (select transaction_id from stg_cash_outs_refunded where _seq = new._seq)
        and transaction_id <> new._old_key ->> '$.transaction_id'
        and exists (select 1 from current_cash_outs_refunded where transaction_id = new._old_key ->> '$.transaction_id');

    update current_cash_outs_refunded
    set transaction_id = (select transaction_id from stg_cash_outs_refunded where _seq = new._seq)
    where transaction_id = new._old_key ->> '$.transaction_id';

    insert into current_cash_outs_refunded (
        transaction_id, inserted_at
    )
    select
        staged.transaction_id,
        iif(instr(new._absent, ',inserted_at,'), held.inserted_at, staged.inserted_at)
    from stg_cash_outs_refunded as staged
    left join current_cash_outs_refunded as held on held.transaction_id = staged.transaction_id
    where staged._seq = new._seq
    on conflict (transaction_id) do update
    set inserted_at = excluded.inserted_at
    where current_cash_outs_refunded.inserted_at is distinct from excluded.inserted_at;
end;

create trigger fold_cash_outs_refunded_delete instead of insert on fold_cash_outs_refunded
when new._op = 'delete'
begin
    delete from current_cash_outs_refunded
    where transaction_id = (select transaction_id from stg_cash_outs_refunded where _seq = new._seq);
end;

create trigger fold_cash_outs_refunded_truncate instead of insert on fold_cash_outs_refunded
when new._op = 'truncate'
begin
    delete from current_cash_outs_refunded;
end;

insert or ignore into elt_watermarks (model) values ('current_cash_outs_refunded');

insert into fold_cash_outs_refunded
select _seq, _op, _old_key, _absent
from stg_cash_outs_refunded
where _seq > (select watermark from elt_watermarks where model = 'current_cash_outs_refunded')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_cash_outs_refunded';
