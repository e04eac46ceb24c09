-- row: the latest state of a row of public.cash_outs_processed
-- relation: public.cash_outs_processed
-- key: transaction_id
-- scaffold: d4765f00c336deb5

create table if not exists current_cash_outs_processed (
    transaction_id text not null,
    inserted_at integer
) strict;

create unique index if not exists key_cash_outs_processed
on current_cash_outs_processed (transaction_id);

-- What the last run changed: each row that it touched, as it was ('old') and as it is ('new').
create table if not exists changed_cash_outs_processed (
    _tick integer not null,
    _op text not null,
    _image text not null,
    transaction_id text,
    inserted_at integer
) strict;

drop trigger if exists current_cash_outs_processed_inserted;
create trigger current_cash_outs_processed_inserted after insert on current_cash_outs_processed
when (select recording from elt_watermarks where model = 'current_cash_outs_processed')
begin
    insert into changed_cash_outs_processed
    select
        tick, 'insert', 'new', new.transaction_id, new.inserted_at
    from elt_clock;
end;

drop trigger if exists current_cash_outs_processed_updated;
create trigger current_cash_outs_processed_updated after update on current_cash_outs_processed
when (select recording from elt_watermarks where model = 'current_cash_outs_processed')
begin
    insert into changed_cash_outs_processed
    select
        tick, 'update', 'old', old.transaction_id, old.inserted_at
    from elt_clock;
    insert into changed_cash_outs_processed
    select
        tick, 'update', 'new', new.transaction_id, new.inserted_at
    from elt_clock;
end;

drop trigger if exists current_cash_outs_processed_deleted;
create trigger current_cash_outs_processed_deleted after delete on current_cash_outs_processed
when (select recording from elt_watermarks where model = 'current_cash_outs_processed')
begin
    insert into changed_cash_outs_processed
    select
        tick, 'delete', 'old', old.transaction_id, old.inserted_at
    from elt_clock;
end;

-- How one change is folded in; the conditions exclude each other.
drop view if exists fold_cash_outs_processed;
create view fold_cash_outs_processed as
select _seq, _op, _old_key, _absent from stg_cash_outs_processed;

create trigger fold_cash_outs_processed_write instead of insert on fold_cash_outs_processed
when new._op in ('insert', 'update') and new._old_key is null and new._absent is null
begin
    insert into current_cash_outs_processed (
        transaction_id, inserted_at
    )
    select
        transaction_id, inserted_at
    from stg_cash_outs_processed
    where _seq = new._seq
    on conflict (transaction_id) do update
    set inserted_at = excluded.inserted_at
    where current_cash_outs_processed.inserted_at is distinct from excluded.inserted_at;
end;

create trigger fold_cash_outs_processed_patch instead of insert on fold_cash_outs_processed
when new._op in ('insert', 'update') and (new._old_key is not null or new._absent is not null)
begin
    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from current_cash_outs_processed
    where transaction_id = (select transaction_id from stg_cash_outs_processed where _seq = new._seq)
        and transaction_id <> new._old_key ->> '$.transaction_id'
        and exists (select 1 from current_cash_outs_processed where transaction_id = new._old_key ->> '$.transaction_id');

    update current_cash_outs_processed
    set transaction_id = (select transaction_id from stg_cash_outs_processed where _seq = new._seq)
    where transaction_id = new._old_key ->> '$.transaction_id';

    insert into current_cash_outs_processed (
        transaction_id, inserted_at
    )
    select
        staged.transaction_id,
        iif(instr(new._absent, ',inserted_at,'), held.inserted_at, staged.inserted_at)
    from stg_cash_outs_processed as staged
    left join current_cash_outs_processed as held on held.transaction_id = staged.transaction_id
    where staged._seq = new._seq
    on conflict (transaction_id) do update
    set inserted_at = excluded.inserted_at
    where current_cash_outs_processed.inserted_at is distinct from excluded.inserted_at;
end;

create trigger fold_cash_outs_processed_delete instead of insert on fold_cash_outs_processed
when new._op = 'delete'
begin
    delete from current_cash_outs_processed
    where transaction_id = (select transaction_id from stg_cash_outs_processed where _seq = new._seq);
end;

create trigger fold_cash_outs_processed_truncate instead of insert on fold_cash_outs_processed
when new._op = 'truncate'
begin
    delete from current_cash_outs_processed;
end;

insert or ignore into elt_watermarks (model) values ('current_cash_outs_processed');

insert into fold_cash_outs_processed
select _seq, _op, _old_key, _absent
from stg_cash_outs_processed
where _seq > (select watermark from elt_watermarks where model = 'current_cash_outs_processed')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_cash_outs_processed';
