-- row: the latest state of a row of public.transaction
-- relation: public.transaction
-- key: transaction_id
-- scaffold: 0e635bf4c604d9a1

create table if not exists current_transaction (
    transaction_id text not null,
    transaction_type text,
    amount integer,
    currency_code text,
    processor_merchant_account_id text
) strict;

create unique index if not exists key_transaction
on current_transaction (transaction_id);

-- What the last run changed: each row that it touched, as it was ('old') and as it is ('new').
create table if not exists changed_transaction as
select cast(0 as integer) as _tick, cast('' as text) as _op, cast('' as text) as _image, current_transaction.*
from current_transaction
where false;

drop trigger if exists current_transaction_inserted;
create trigger current_transaction_inserted after insert on current_transaction
when (select recording from elt_watermarks where model = 'current_transaction')
begin
    insert into changed_transaction
    select tick, 'insert', 'new', touched.*
    from elt_clock cross join current_transaction as touched on touched.rowid = new.rowid;
end;

drop trigger if exists current_transaction_updating;
create trigger current_transaction_updating before update on current_transaction
when (select recording from elt_watermarks where model = 'current_transaction')
begin
    insert into changed_transaction
    select tick, 'update', 'old', touched.*
    from elt_clock cross join current_transaction as touched on touched.rowid = old.rowid;
end;

drop trigger if exists current_transaction_updated;
create trigger current_transaction_updated after update on current_transaction
when (select recording from elt_watermarks where model = 'current_transaction')
begin
    insert into changed_transaction
    select tick, 'update', 'new', touched.*
    from elt_clock cross join current_transaction as touched on touched.rowid = new.rowid;
end;

drop trigger if exists current_transaction_deleting;
create trigger current_transaction_deleting before delete on current_transaction
when (select recording from elt_watermarks where model = 'current_transaction')
begin
    insert into changed_transaction
    select tick, 'delete', 'old', touched.*
    from elt_clock cross join current_transaction as touched on touched.rowid = old.rowid;
end;

-- What each change makes of its row: a column that it leaves out keeps what the row holds. _row is the row that
-- the change names, _taken the one that has its new key.
drop view if exists fold_transaction;
create view fold_transaction as
select
    staged._seq, staged._op, staged._old_key, staged._absent,
    held.rowid as _row,
    (select rowid from current_transaction where transaction_id = staged.transaction_id) as _taken,
    staged.transaction_id,
    iif(instr(staged._absent, ',transaction_type,'), held.transaction_type, staged.transaction_type) as transaction_type,
    iif(instr(staged._absent, ',amount,'), held.amount, staged.amount) as amount,
    iif(instr(staged._absent, ',currency_code,'), held.currency_code, staged.currency_code) as currency_code,
    iif(instr(staged._absent, ',processor_merchant_account_id,'), held.processor_merchant_account_id, staged.processor_merchant_account_id) as processor_merchant_account_id
from stg_transaction as staged
left join current_transaction as held on held.rowid = coalesce(
    (select rowid from current_transaction where transaction_id = staged._old_key ->> '$.transaction_id'),
    (select rowid from current_transaction where transaction_id = staged.transaction_id)
);

create trigger fold_transaction_write instead of insert on fold_transaction
when new._op in ('insert', 'update')
begin
    -- A row from before the slot.
    update elt_watermarks
    set rowless = rowless + 1, rowless_seq = coalesce(rowless_seq, new._seq)
    where model = 'current_transaction'
        and new._op = 'update'
        and (select _row from fold_transaction where _seq = new._seq) is null;

    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from current_transaction
    where new._old_key is not null
        and rowid = (select _taken from fold_transaction where _seq = new._seq and _taken <> _row);

    insert into current_transaction (
        rowid, transaction_id, transaction_type, amount, currency_code, processor_merchant_account_id
    )
    select
        _row, transaction_id, transaction_type, amount, currency_code, processor_merchant_account_id
    from fold_transaction
    where _seq = new._seq
    on conflict (rowid) do update
    set (
        transaction_id, transaction_type, amount, currency_code, processor_merchant_account_id
    ) = (
        excluded.transaction_id, excluded.transaction_type, excluded.amount, excluded.currency_code,
        excluded.processor_merchant_account_id
    )
    where (
        current_transaction.transaction_id, current_transaction.transaction_type,
        current_transaction.amount, current_transaction.currency_code,
        current_transaction.processor_merchant_account_id
    ) is distinct from (
        excluded.transaction_id, excluded.transaction_type, excluded.amount, excluded.currency_code,
        excluded.processor_merchant_account_id
    );
end;

create trigger fold_transaction_delete instead of insert on fold_transaction
when new._op = 'delete'
begin
    -- A row from before the slot.
    update elt_watermarks
    set rowless = rowless + 1, rowless_seq = coalesce(rowless_seq, new._seq)
    where model = 'current_transaction'
        and (select _row from fold_transaction where _seq = new._seq) is null;

    delete from current_transaction
    where rowid = (select _row from fold_transaction where _seq = new._seq);
end;

create trigger fold_transaction_truncate instead of insert on fold_transaction
when new._op = 'truncate'
begin
    delete from current_transaction;

    -- From here on every row comes.
    update elt_watermarks
    set rowless = 0, rowless_seq = null
    where model = 'current_transaction';
end;

create trigger fold_transaction_stop instead of insert on fold_transaction
when new._op = 'stop' or (
    new._op = 'delete' and exists (select 1 from fold_transaction where _seq = new._seq and (transaction_id is null))
)
begin
    select raise(abort, 'public.transaction: the stream does not name rows by transaction_id, and so they cannot be found (see elt transform)');
end;

insert or ignore into elt_watermarks (model) values ('current_transaction');

-- Rows must be named by this key in all that is new, and no column of it may have been retyped.
insert into fold_transaction (_op)
select 'stop'
from elt_keys_ahead
where model = 'current_transaction'
    and (key <> 'transaction_id' or retyped in ('transaction_id'));

insert into fold_transaction (_seq, _op, _old_key, _absent)
select _seq, _op, _old_key, _absent
from stg_transaction
where _seq > (select watermark from elt_watermarks where model = 'current_transaction')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_transaction';
