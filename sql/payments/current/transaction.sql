-- row: the latest state of a row of public.transaction
-- relation: public.transaction
-- key: transaction_id
-- scaffold: 311ccb302a28c94f

create table if not exists current_transaction (
    transaction_id text not null,
    processor_transaction_id text,
    transaction_type text,
    date text,
    processor_merchant_account_id text,
    merchant_reference text,
    amount integer,
    currency_code text,
    direction text,
    status text,
    risk_data text,
    sale_transaction_id text,
    created_at text,
    updated_at text,
    external_risk_data text,
    network_transaction_id text,
    payment_id text,
    token_id text,
    statement_descriptor text
) strict;

create unique index if not exists key_transaction
on current_transaction (transaction_id);

-- What the last run changed: each row that it touched, as it was ('old') and as it is ('new').
create table if not exists changed_transaction (
    _tick integer not null,
    _op text not null,
    _image text not null,
    transaction_id text,
    processor_transaction_id text,
    transaction_type text,
    date text,
    processor_merchant_account_id text,
    merchant_reference text,
    amount integer,
    currency_code text,
    direction text,
    status text,
    risk_data text,
    sale_transaction_id text,
    created_at text,
    updated_at text,
    external_risk_data text,
    network_transaction_id text,
    payment_id text,
    token_id text,
    statement_descriptor text
) strict;

drop trigger if exists current_transaction_inserted;
create trigger current_transaction_inserted after insert on current_transaction
when (select recording from elt_watermarks where model = 'current_transaction')
begin
    insert into changed_transaction
    select
        tick, 'insert', 'new', new.transaction_id, new.processor_transaction_id, new.transaction_type,
        new.date, new.processor_merchant_account_id, new.merchant_reference, new.amount, new.currency_code,
        new.direction, new.status, new.risk_data, new.sale_transaction_id, new.created_at, new.updated_at,
        new.external_risk_data, new.network_transaction_id, new.payment_id, new.token_id,
        new.statement_descriptor
    from elt_clock;
end;

drop trigger if exists current_transaction_updated;
create trigger current_transaction_updated after update on current_transaction
when (select recording from elt_watermarks where model = 'current_transaction')
begin
    insert into changed_transaction
    select
        tick, 'update', 'old', old.transaction_id, old.processor_transaction_id, old.transaction_type,
        old.date, old.processor_merchant_account_id, old.merchant_reference, old.amount, old.currency_code,
        old.direction, old.status, old.risk_data, old.sale_transaction_id, old.created_at, old.updated_at,
        old.external_risk_data, old.network_transaction_id, old.payment_id, old.token_id,
        old.statement_descriptor
    from elt_clock;
    insert into changed_transaction
    select
        tick, 'update', 'new', new.transaction_id, new.processor_transaction_id, new.transaction_type,
        new.date, new.processor_merchant_account_id, new.merchant_reference, new.amount, new.currency_code,
        new.direction, new.status, new.risk_data, new.sale_transaction_id, new.created_at, new.updated_at,
        new.external_risk_data, new.network_transaction_id, new.payment_id, new.token_id,
        new.statement_descriptor
    from elt_clock;
end;

drop trigger if exists current_transaction_deleted;
create trigger current_transaction_deleted after delete on current_transaction
when (select recording from elt_watermarks where model = 'current_transaction')
begin
    insert into changed_transaction
    select
        tick, 'delete', 'old', old.transaction_id, old.processor_transaction_id, old.transaction_type,
        old.date, old.processor_merchant_account_id, old.merchant_reference, old.amount, old.currency_code,
        old.direction, old.status, old.risk_data, old.sale_transaction_id, old.created_at, old.updated_at,
        old.external_risk_data, old.network_transaction_id, old.payment_id, old.token_id,
        old.statement_descriptor
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
        transaction_id, processor_transaction_id, transaction_type, date, processor_merchant_account_id,
        merchant_reference, amount, currency_code, direction, status, risk_data, sale_transaction_id,
        created_at, updated_at, external_risk_data, network_transaction_id, payment_id, token_id,
        statement_descriptor
    )
    select
        transaction_id, processor_transaction_id, transaction_type, date, processor_merchant_account_id,
        merchant_reference, amount, currency_code, direction, status, risk_data, sale_transaction_id,
        created_at, updated_at, external_risk_data, network_transaction_id, payment_id, token_id,
        statement_descriptor
    from stg_transaction
    where _seq = new._seq
    on conflict (transaction_id) do update
    set (
        processor_transaction_id, transaction_type, date, processor_merchant_account_id, merchant_reference,
        amount, currency_code, direction, status, risk_data, sale_transaction_id, created_at, updated_at,
        external_risk_data, network_transaction_id, payment_id, token_id, statement_descriptor
    ) = (
        excluded.processor_transaction_id, excluded.transaction_type, excluded.date,
        excluded.processor_merchant_account_id, excluded.merchant_reference, excluded.amount,
        excluded.currency_code, excluded.direction, excluded.status, excluded.risk_data,
        excluded.sale_transaction_id, excluded.created_at, excluded.updated_at, excluded.external_risk_data,
        excluded.network_transaction_id, excluded.payment_id, excluded.token_id,
        excluded.statement_descriptor
    )
    where (
        current_transaction.processor_transaction_id, current_transaction.transaction_type,
        current_transaction.date, current_transaction.processor_merchant_account_id,
        current_transaction.merchant_reference, current_transaction.amount,
        current_transaction.currency_code, current_transaction.direction, current_transaction.status,
        current_transaction.risk_data, current_transaction.sale_transaction_id,
        current_transaction.created_at, current_transaction.updated_at,
        current_transaction.external_risk_data, current_transaction.network_transaction_id,
        current_transaction.payment_id, current_transaction.token_id,
        current_transaction.statement_descriptor
    ) is distinct from (
        excluded.processor_transaction_id, excluded.transaction_type, excluded.date,
        excluded.processor_merchant_account_id, excluded.merchant_reference, excluded.amount,
        excluded.currency_code, excluded.direction, excluded.status, excluded.risk_data,
        excluded.sale_transaction_id, excluded.created_at, excluded.updated_at, excluded.external_risk_data,
        excluded.network_transaction_id, excluded.payment_id, excluded.token_id,
        excluded.statement_descriptor
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
        transaction_id, processor_transaction_id, transaction_type, date, processor_merchant_account_id,
        merchant_reference, amount, currency_code, direction, status, risk_data, sale_transaction_id,
        created_at, updated_at, external_risk_data, network_transaction_id, payment_id, token_id,
        statement_descriptor
    )
    select
        staged.transaction_id,
        iif(instr(new._absent, ',processor_transaction_id,'), held.processor_transaction_id, staged.processor_transaction_id),
        iif(instr(new._absent, ',transaction_type,'), held.transaction_type, staged.transaction_type),
        iif(instr(new._absent, ',date,'), held.date, staged.date),
        iif(instr(new._absent, ',processor_merchant_account_id,'), held.processor_merchant_account_id, staged.processor_merchant_account_id),
        iif(instr(new._absent, ',merchant_reference,'), held.merchant_reference, staged.merchant_reference),
        iif(instr(new._absent, ',amount,'), held.amount, staged.amount),
        iif(instr(new._absent, ',currency_code,'), held.currency_code, staged.currency_code),
        iif(instr(new._absent, ',direction,'), held.direction, staged.direction),
        iif(instr(new._absent, ',status,'), held.status, staged.status),
        iif(instr(new._absent, ',risk_data,'), held.risk_data, staged.risk_data),
        iif(instr(new._absent, ',sale_transaction_id,'), held.sale_transaction_id, staged.sale_transaction_id),
        iif(instr(new._absent, ',created_at,'), held.created_at, staged.created_at),
        iif(instr(new._absent, ',updated_at,'), held.updated_at, staged.updated_at),
        iif(instr(new._absent, ',external_risk_data,'), held.external_risk_data, staged.external_risk_data),
        iif(instr(new._absent, ',network_transaction_id,'), held.network_transaction_id, staged.network_transaction_id),
        iif(instr(new._absent, ',payment_id,'), held.payment_id, staged.payment_id),
        iif(instr(new._absent, ',token_id,'), held.token_id, staged.token_id),
        iif(instr(new._absent, ',statement_descriptor,'), held.statement_descriptor, staged.statement_descriptor)
    from stg_transaction as staged
    left join current_transaction as held on held.transaction_id = staged.transaction_id
    where staged._seq = new._seq
    on conflict (transaction_id) do update
    set (
        processor_transaction_id, transaction_type, date, processor_merchant_account_id, merchant_reference,
        amount, currency_code, direction, status, risk_data, sale_transaction_id, created_at, updated_at,
        external_risk_data, network_transaction_id, payment_id, token_id, statement_descriptor
    ) = (
        excluded.processor_transaction_id, excluded.transaction_type, excluded.date,
        excluded.processor_merchant_account_id, excluded.merchant_reference, excluded.amount,
        excluded.currency_code, excluded.direction, excluded.status, excluded.risk_data,
        excluded.sale_transaction_id, excluded.created_at, excluded.updated_at, excluded.external_risk_data,
        excluded.network_transaction_id, excluded.payment_id, excluded.token_id,
        excluded.statement_descriptor
    )
    where (
        current_transaction.processor_transaction_id, current_transaction.transaction_type,
        current_transaction.date, current_transaction.processor_merchant_account_id,
        current_transaction.merchant_reference, current_transaction.amount,
        current_transaction.currency_code, current_transaction.direction, current_transaction.status,
        current_transaction.risk_data, current_transaction.sale_transaction_id,
        current_transaction.created_at, current_transaction.updated_at,
        current_transaction.external_risk_data, current_transaction.network_transaction_id,
        current_transaction.payment_id, current_transaction.token_id,
        current_transaction.statement_descriptor
    ) is distinct from (
        excluded.processor_transaction_id, excluded.transaction_type, excluded.date,
        excluded.processor_merchant_account_id, excluded.merchant_reference, excluded.amount,
        excluded.currency_code, excluded.direction, excluded.status, excluded.risk_data,
        excluded.sale_transaction_id, excluded.created_at, excluded.updated_at, excluded.external_risk_data,
        excluded.network_transaction_id, excluded.payment_id, excluded.token_id,
        excluded.statement_descriptor
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
