-- row: the latest state of a row of public.cash_ins
-- relation: public.cash_ins
-- key: transaction_id
-- scaffold: eb68258dbc18c8cd

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
create table if not exists changed_cash_ins (
    _tick integer not null,
    _op text not null,
    _image text not null,
    transaction_id text,
    account_id text,
    counterparty_account_id text,
    amount integer,
    inserted_at integer
) strict;

drop trigger if exists current_cash_ins_inserted;
create trigger current_cash_ins_inserted after insert on current_cash_ins
when (select recording from elt_watermarks where model = 'current_cash_ins')
begin
    insert into changed_cash_ins
    select
        tick, 'insert', 'new', new.transaction_id, new.account_id, new.counterparty_account_id, new.amount,
        new.inserted_at
    from elt_clock;
end;

drop trigger if exists current_cash_ins_updated;
create trigger current_cash_ins_updated after update on current_cash_ins
when (select recording from elt_watermarks where model = 'current_cash_ins')
begin
    insert into changed_cash_ins
    select
        tick, 'update', 'old', old.transaction_id, old.account_id, old.counterparty_account_id, old.amount,
        old.inserted_at
    from elt_clock;
    insert into changed_cash_ins
    select
        tick, 'update', 'new', new.transaction_id, new.account_id, new.counterparty_account_id, new.amount,
        new.inserted_at
    from elt_clock;
end;

drop trigger if exists current_cash_ins_deleted;
create trigger current_cash_ins_deleted after delete on current_cash_ins
when (select recording from elt_watermarks where model = 'current_cash_ins')
begin
    insert into changed_cash_ins
    select
        tick, 'delete', 'old', old.transaction_id, old.account_id, old.counterparty_account_id, old.amount,
        old.inserted_at
    from elt_clock;
end;

-- How one change is folded in; the conditions exclude each other.
drop view if exists fold_cash_ins;
create view fold_cash_ins as
select _seq, _op, _old_key, _absent from stg_cash_ins;

create trigger fold_cash_ins_write instead of insert on fold_cash_ins
when new._op in ('insert', 'update') and new._old_key is null and new._absent is null
begin
    insert into current_cash_ins (
        transaction_id, account_id, counterparty_account_id, amount, inserted_at
    )
    select
        transaction_id, account_id, counterparty_account_id, amount, inserted_at
    from stg_cash_ins
    where _seq = new._seq
    on conflict (transaction_id) do update
    set (
        account_id, counterparty_account_id, amount, inserted_at
    ) = (
        excluded.account_id, excluded.counterparty_account_id, excluded.amount, excluded.inserted_at
    )
    where (
        current_cash_ins.account_id, current_cash_ins.counterparty_account_id, current_cash_ins.amount,
        current_cash_ins.inserted_at
    ) is distinct from (
        excluded.account_id, excluded.counterparty_account_id, excluded.amount, excluded.inserted_at
    );
end;

create trigger fold_cash_ins_patch instead of insert on fold_cash_ins
when new._op in ('insert', 'update') and (new._old_key is not null or new._absent is not null)
begin
    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from current_cash_ins
    where transaction_id = (select transaction_id from stg_cash_ins where _seq = new._seq)
        and transaction_id <> new._old_key ->> '$.transaction_id'
        and exists (select 1 from current_cash_ins where transaction_id = new._old_key ->> '$.transaction_id');

    update current_cash_ins
    set transaction_id = (select transaction_id from stg_cash_ins where _seq = new._seq)
    where transaction_id = new._old_key ->> '$.transaction_id';

    insert into current_cash_ins (
        transaction_id, account_id, counterparty_account_id, amount, inserted_at
    )
    select
        staged.transaction_id,
        iif(instr(new._absent, ',account_id,'), held.account_id, staged.account_id),
        iif(instr(new._absent, ',counterparty_account_id,'), held.counterparty_account_id, staged.counterparty_account_id),
        iif(instr(new._absent, ',amount,'), held.amount, staged.amount),
        iif(instr(new._absent, ',inserted_at,'), held.inserted_at, staged.inserted_at)
    from stg_cash_ins as staged
    left join current_cash_ins as held on held.transaction_id = staged.transaction_id
    where staged._seq = new._seq
    on conflict (transaction_id) do update
    set (
        account_id, counterparty_account_id, amount, inserted_at
    ) = (
        excluded.account_id, excluded.counterparty_account_id, excluded.amount, excluded.inserted_at
    )
    where (
        current_cash_ins.account_id, current_cash_ins.counterparty_account_id, current_cash_ins.amount,
        current_cash_ins.inserted_at
    ) is distinct from (
        excluded.account_id, excluded.counterparty_account_id, excluded.amount, excluded.inserted_at
    );
end;

create trigger fold_cash_ins_delete instead of insert on fold_cash_ins
when new._op = 'delete'
begin
    delete from current_cash_ins
    where transaction_id = (select transaction_id from stg_cash_ins where _seq = new._seq);
end;

create trigger fold_cash_ins_truncate instead of insert on fold_cash_ins
when new._op = 'truncate'
begin
    delete from current_cash_ins;
end;

insert or ignore into elt_watermarks (model) values ('current_cash_ins');

insert into fold_cash_ins
select _seq, _op, _old_key, _absent
from stg_cash_ins
where _seq > (select watermark from elt_watermarks where model = 'current_cash_ins')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_cash_ins';
