-- row: the latest state of a row of public.transaction
-- relation: public.transaction
-- key: transaction_id
-- scaffold: 19b975a964d41356

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
create table if not exists changed_transaction (
    _tick integer not null,
    _op text not null,
    _image text not null,
    transaction_id text,
    transaction_type text,
    amount integer,
    currency_code text,
    processor_merchant_account_id text
) strict;

drop trigger if exists current_transaction_inserted;
create trigger current_transaction_inserted after insert on current_transaction
when (select recording from elt_watermarks where model = 'current_transaction')
begin
    insert into changed_transaction
    select
        tick, 'insert', 'new', new.transaction_id, new.transaction_type, new.amount, new.currency_code,
        new.processor_merchant_account_id
    from elt_clock;
end;

drop trigger if exists current_transaction_updated;
create trigger current_transaction_updated after update on current_transaction
when (select recording from elt_watermarks where model = 'current_transaction')
begin
    insert into changed_transaction
    select
        tick, 'update', 'old', old.transaction_id, old.transaction_type, old.amount, old.currency_code,
        old.processor_merchant_account_id
    from elt_clock;
    insert into changed_transaction
    select
        tick, 'update', 'new', new.transaction_id, new.transaction_type, new.amount, new.currency_code,
        new.processor_merchant_account_id
    from elt_clock;
end;

drop trigger if exists current_transaction_deleted;
create trigger current_transaction_deleted after delete on current_transaction
when (select recording from elt_watermarks where model = 'current_transaction')
begin
    insert into changed_transaction
    select
        tick, 'delete', 'old', old.transaction_id, old.transaction_type, old.amount, old.currency_code,
        old.processor_merchant_account_id
    from elt_clock;
end;

-- How one change is folded in; the conditions exclude each other.
drop view if exists fold_transaction;
create view fold_transaction as
select _seq, _op, _old_key, _absent from stg_transaction;

create trigger fold_transaction_write instead of insert on fold_transaction
when new._op in ('insert', 'update') and new._old_key is null and new._absent is null
begin
    insert into current_transaction (
        transaction_id, transaction_type, amount, currency_code, processor_merchant_account_id
    )
    select
        transaction_id, transaction_type, amount, currency_code, processor_merchant_account_id
    from stg_transaction
    where _seq = new._seq
    on conflict (transaction_id) do update
    set (
        transaction_type, amount, currency_code, processor_merchant_account_id
    ) = (
        excluded.transaction_type, excluded.amount, excluded.currency_code,
        excluded.processor_merchant_account_id
    )
    where (
        current_transaction.transaction_type, current_transaction.amount, current_transaction.currency_code,
        current_transaction.processor_merchant_account_id
    ) is distinct from (
        excluded.transaction_type, excluded.amount, excluded.currency_code,
        excluded.processor_merchant_account_id
    );
end;

create trigger fold_transaction_patch instead of insert on fold_transaction
when new._op in ('insert', 'update') and (new._old_key is not null or new._absent is not null)
begin
    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from current_transaction
    where transaction_id = (select transaction_id from stg_transaction where _seq = new._seq)
        and transaction_id <> new._old_key ->> '$.transaction_id'
        and exists (select 1 from current_transaction where transaction_id = new._old_key ->> '$.transaction_id');

    update current_transaction
    set transaction_id = (select transaction_id from stg_transaction where _seq = new._seq)
    where transaction_id = new._old_key ->> '$.transaction_id';

    insert into current_transaction (
        transaction_id, transaction_type, amount, currency_code, processor_merchant_account_id
    )
    select
        staged.transaction_id,
        iif(instr(new._absent, ',transaction_type,'), held.transaction_type, staged.transaction_type),
        iif(instr(new._absent, ',amount,'), held.amount, staged.amount),
        iif(instr(new._absent, ',currency_code,'), held.currency_code, staged.currency_code),
        iif(instr(new._absent, ',processor_merchant_account_id,'), held.processor_merchant_account_id, staged.processor_merchant_account_id)
    from stg_transaction as staged
    left join current_transaction as held on held.transaction_id = staged.transaction_id
    where staged._seq = new._seq
    on conflict (transaction_id) do update
    set (
        transaction_type, amount, currency_code, processor_merchant_account_id
    ) = (
        excluded.transaction_type, excluded.amount, excluded.currency_code,
        excluded.processor_merchant_account_id
    )
    where (
        current_transaction.transaction_type, current_transaction.amount, current_transaction.currency_code,
        current_transaction.processor_merchant_account_id
    ) is distinct from (
        excluded.transaction_type, excluded.amount, excluded.currency_code,
        excluded.processor_merchant_account_id
    );
end;

create trigger fold_transaction_delete instead of insert on fold_transaction
when new._op = 'delete'
begin
    delete from current_transaction
    where transaction_id = (select transaction_id from stg_transaction where _seq = new._seq);
end;

create trigger fold_transaction_truncate instead of insert on fold_transaction
when new._op = 'truncate'
begin
    delete from current_transaction;
end;

insert or ignore into elt_watermarks (model) values ('current_transaction');

insert into fold_transaction
select _seq, _op, _old_key, _absent
from stg_transaction
where _seq > (select watermark from elt_watermarks where model = 'current_transaction')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_transaction';
