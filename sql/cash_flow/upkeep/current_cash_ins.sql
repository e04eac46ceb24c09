-- row: the latest state of a row of public.cash_ins
-- relation: public.cash_ins
-- key: transaction_id
-- scaffold: 2822d8e391310586

create table if not exists current_cash_ins (
    transaction_id text not null,
    account_id text,
    counterparty_account_id text,
    amount integer,
    inserted_at integer
) strict;

create unique index if not exists key_cash_ins
on current_cash_ins (transaction_id);

-- What the last run changed: each row that it touched, as it was ('old') and as it is ('new').
create table if not exists changed_cash_ins as
select cast(0 as integer) as _tick, cast('' as text) as _op, cast('' as text) as _image, current_cash_ins.*
from current_cash_ins
where false;

drop trigger if exists current_cash_ins_inserted;
create trigger current_cash_ins_inserted after insert on current_cash_ins
when (select recording from elt_watermarks where model = 'current_cash_ins')
begin
    insert into changed_cash_ins
    select tick, 'insert', 'new', touched.*
    from elt_clock cross join current_cash_ins as touched on touched.rowid = new.rowid;
end;

drop trigger if exists current_cash_ins_updating;
create trigger current_cash_ins_updating before update on current_cash_ins
when (select recording from elt_watermarks where model = 'current_cash_ins')
begin
    insert into changed_cash_ins
    select tick, 'update', 'old', touched.*
    from elt_clock cross join current_cash_ins as touched on touched.rowid = old.rowid;
end;

drop trigger if exists current_cash_ins_updated;
create trigger current_cash_ins_updated after update on current_cash_ins
when (select recording from elt_watermarks where model = 'current_cash_ins')
begin
    insert into changed_cash_ins
    select tick, 'update', 'new', touched.*
    from elt_clock cross join current_cash_ins as touched on touched.rowid = new.rowid;
end;

drop trigger if exists current_cash_ins_deleting;
create trigger current_cash_ins_deleting before delete on current_cash_ins
when (select recording from elt_watermarks where model = 'current_cash_ins')
begin
    insert into changed_cash_ins
    select tick, 'delete', 'old', touched.*
    from elt_clock cross join current_cash_ins as touched on touched.rowid = old.rowid;
end;

-- What each change makes of its row: a column that it leaves out keeps what the row holds. _row is the row that
-- the change names, _taken the one that has its new key.
drop view if exists fold_cash_ins;
create view fold_cash_ins as
select
    staged._seq, staged._op, staged._old_key, staged._absent,
    held.rowid as _row,
    (select rowid from current_cash_ins where transaction_id = staged.transaction_id) as _taken,
    staged.transaction_id,
    iif(instr(staged._absent, ',account_id,'), held.account_id, staged.account_id) as account_id,
    iif(instr(staged._absent, ',counterparty_account_id,'), held.counterparty_account_id, staged.counterparty_account_id) as counterparty_account_id,
    iif(instr(staged._absent, ',amount,'), held.amount, staged.amount) as amount,
    iif(instr(staged._absent, ',inserted_at,'), held.inserted_at, staged.inserted_at) as inserted_at
from stg_cash_ins as staged
left join current_cash_ins as held on held.rowid = coalesce(
    (select rowid from current_cash_ins where transaction_id = staged._old_key ->> '$.transaction_id'),
    (select rowid from current_cash_ins where transaction_id = staged.transaction_id)
);

create trigger fold_cash_ins_write instead of insert on fold_cash_ins
when new._op in ('insert', 'update')
begin
    -- A row from before the slot.
    update elt_watermarks
    set rowless = rowless + 1, rowless_seq = coalesce(rowless_seq, new._seq)
    where model = 'current_cash_ins'
        and new._op = 'update'
        and (select _row from fold_cash_ins where _seq = new._seq) is null;

    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from current_cash_ins
    where new._old_key is not null
        and rowid = (select _taken from fold_cash_ins where _seq = new._seq and _taken <> _row);

    insert into current_cash_ins (
        rowid, transaction_id, account_id, counterparty_account_id, amount, inserted_at
    )
    select
        _row, transaction_id, account_id, counterparty_account_id, amount, inserted_at
    from fold_cash_ins
    where _seq = new._seq
    on conflict (rowid) do update
    set (
        transaction_id, account_id, counterparty_account_id, amount, inserted_at
    ) = (
        excluded.transaction_id, excluded.account_id, excluded.counterparty_account_id, excluded.amount,
        excluded.inserted_at
    )
    where (
        current_cash_ins.transaction_id, current_cash_ins.account_id,
        current_cash_ins.counterparty_account_id, current_cash_ins.amount, current_cash_ins.inserted_at
    ) is distinct from (
        excluded.transaction_id, excluded.account_id, excluded.counterparty_account_id, excluded.amount,
        excluded.inserted_at
    );
end;

create trigger fold_cash_ins_delete instead of insert on fold_cash_ins
when new._op = 'delete'
begin
    -- A row from before the slot.
    update elt_watermarks
    set rowless = rowless + 1, rowless_seq = coalesce(rowless_seq, new._seq)
    where model = 'current_cash_ins'
        and (select _row from fold_cash_ins where _seq = new._seq) is null;

    delete from current_cash_ins
    where rowid = (select _row from fold_cash_ins where _seq = new._seq);
end;

create trigger fold_cash_ins_truncate instead of insert on fold_cash_ins
when new._op = 'truncate'
begin
    delete from current_cash_ins;

    -- From here on every row comes.
    update elt_watermarks
    set rowless = 0, rowless_seq = null
    where model = 'current_cash_ins';
end;

create trigger fold_cash_ins_stop instead of insert on fold_cash_ins
when new._op = 'stop' or (
    new._op = 'delete' and exists (select 1 from fold_cash_ins where _seq = new._seq and (transaction_id is null))
)
begin
    select raise(abort, 'public.cash_ins: the stream does not name rows by transaction_id, and so they cannot be found (see elt transform)');
end;

insert or ignore into elt_watermarks (model) values ('current_cash_ins');

-- Rows must be named by this key in all that is new, and no column of it may have been retyped.
insert into fold_cash_ins (_op)
select 'stop'
from elt_keys_ahead
where model = 'current_cash_ins'
    and (key <> 'transaction_id' or retyped in ('transaction_id'));

insert into fold_cash_ins (_seq, _op, _old_key, _absent)
select _seq, _op, _old_key, _absent
from stg_cash_ins
where _seq > (select watermark from elt_watermarks where model = 'current_cash_ins')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_cash_ins';
