-- row: the latest state of a row of public.transaction_request
-- relation: public.transaction_request
-- key: transaction_request_id
-- scaffold: cd7dc24190825836

create table if not exists current_transaction_request (
    transaction_request_id text not null,
    idempotency_key text,
    transaction_request_type text,
    transaction_id text,
    processor_merchant_account_id text,
    user_id text,
    created_at text,
    amount integer,
    currency_code text,
    submit_for_settlement integer,
    billing_address text,
    reference text,
    final integer,
    reason text,
    sale_transaction_id text,
    customer_details text,
    recurring text,
    flow_id text,
    vault_options text,
    token_id text,
    payment_request_id text,
    statement_descriptor text,
    metadata text
) strict;

create unique index if not exists key_transaction_request
on current_transaction_request (transaction_request_id);

-- What the last run changed: each row that it touched, as it was ('old') and as it is ('new').
create table if not exists changed_transaction_request (
    _tick integer not null,
    _op text not null,
    _image text not null,
    transaction_request_id text,
    idempotency_key text,
    transaction_request_type text,
    transaction_id text,
    processor_merchant_account_id text,
    user_id text,
    created_at text,
    amount integer,
    currency_code text,
    submit_for_settlement integer,
    billing_address text,
    reference text,
    final integer,
    reason text,
    sale_transaction_id text,
    customer_details text,
    recurring text,
    flow_id text,
    vault_options text,
    token_id text,
    payment_request_id text,
    statement_descriptor text,
    metadata text
) strict;

drop trigger if exists current_transaction_request_inserted;
create trigger current_transaction_request_inserted after insert on current_transaction_request
when (select recording from elt_watermarks where model = 'current_transaction_request')
begin
    insert into changed_transaction_request
    select
        tick, 'insert', 'new', new.transaction_request_id, new.idempotency_key,
        new.transaction_request_type, new.transaction_id, new.processor_merchant_account_id, new.user_id,
        new.created_at, new.amount, new.currency_code, new.submit_for_settlement, new.billing_address,
        new.reference, new.final, new.reason, new.sale_transaction_id, new.customer_details, new.recurring,
        new.flow_id, new.vault_options, new.token_id, new.payment_request_id, new.statement_descriptor,
        new.metadata
    from elt_clock;
end;

drop trigger if exists current_transaction_request_updated;
create trigger current_transaction_request_updated after update on current_transaction_request
when (select recording from elt_watermarks where model = 'current_transaction_request')
begin
    insert into changed_transaction_request
    select
        tick, 'update', 'old', old.transaction_request_id, old.idempotency_key,
        old.transaction_request_type, old.transaction_id, old.processor_merchant_account_id, old.user_id,
        old.created_at, old.amount, old.currency_code, old.submit_for_settlement, old.billing_address,
        old.reference, old.final, old.reason, old.sale_transaction_id, old.customer_details, old.recurring,
        old.flow_id, old.vault_options, old.token_id, old.payment_request_id, old.statement_descriptor,
        old.metadata
    from elt_clock;
    insert into changed_transaction_request
    select
        tick, 'update', 'new', new.transaction_request_id, new.idempotency_key,
        new.transaction_request_type, new.transaction_id, new.processor_merchant_account_id, new.user_id,
        new.created_at, new.amount, new.currency_code, new.submit_for_settlement, new.billing_address,
        new.reference, new.final, new.reason, new.sale_transaction_id, new.customer_details, new.recurring,
        new.flow_id, new.vault_options, new.token_id, new.payment_request_id, new.statement_descriptor,
        new.metadata
    from elt_clock;
end;

drop trigger if exists current_transaction_request_deleted;
create trigger current_transaction_request_deleted after delete on current_transaction_request
when (select recording from elt_watermarks where model = 'current_transaction_request')
begin
    insert into changed_transaction_request
    select
        tick, 'delete', 'old', old.transaction_request_id, old.idempotency_key,
        old.transaction_request_type, old.transaction_id, old.processor_merchant_account_id, old.user_id,
        old.created_at, old.amount, old.currency_code, old.submit_for_settlement, old.billing_address,
        old.reference, old.final, old.reason, old.sale_transaction_id, old.customer_details, old.recurring,
        old.flow_id, old.vault_options, old.token_id, old.payment_request_id, old.statement_descriptor,
        old.metadata
    from elt_clock;
end;

-- How one change is folded in; the conditions exclude each other.
drop view if exists fold_transaction_request;
create view fold_transaction_request as
select _seq, _op, _old_key, _absent from stg_transaction_request;

create trigger fold_transaction_request_write instead of insert on fold_transaction_request
when new._op in ('insert', 'update') and new._old_key is null and new._absent is null
begin
    insert into current_transaction_request (
        transaction_request_id, idempotency_key, transaction_request_type, transaction_id,
        processor_merchant_account_id, user_id, created_at, amount, currency_code, submit_for_settlement,
        billing_address, reference, final, reason, sale_transaction_id, customer_details, recurring,
        flow_id, vault_options, token_id, payment_request_id, statement_descriptor, metadata
    )
    select
        transaction_request_id, idempotency_key, transaction_request_type, transaction_id,
        processor_merchant_account_id, user_id, created_at, amount, currency_code, submit_for_settlement,
        billing_address, reference, final, reason, sale_transaction_id, customer_details, recurring,
        flow_id, vault_options, token_id, payment_request_id, statement_descriptor, metadata
    from stg_transaction_request
    where _seq = new._seq
    on conflict (transaction_request_id) do update
    set (
        idempotency_key, transaction_request_type, transaction_id, processor_merchant_account_id, user_id,
        created_at, amount, currency_code, submit_for_settlement, billing_address, reference, final, reason,
        sale_transaction_id, customer_details, recurring, flow_id, vault_options, token_id,
        payment_request_id, statement_descriptor, metadata
    ) = (
        excluded.idempotency_key, excluded.transaction_request_type, excluded.transaction_id,
        excluded.processor_merchant_account_id, excluded.user_id, excluded.created_at, excluded.amount,
        excluded.currency_code, excluded.submit_for_settlement, excluded.billing_address,
        excluded.reference, excluded.final, excluded.reason, excluded.sale_transaction_id,
        excluded.customer_details, excluded.recurring, excluded.flow_id, excluded.vault_options,
        excluded.token_id, excluded.payment_request_id, excluded.statement_descriptor, excluded.metadata
    )
    where (
        current_transaction_request.idempotency_key, current_transaction_request.transaction_request_type,
        current_transaction_request.transaction_id,
        current_transaction_request.processor_merchant_account_id, current_transaction_request.user_id,
        current_transaction_request.created_at, current_transaction_request.amount,
        current_transaction_request.currency_code, current_transaction_request.submit_for_settlement,
        current_transaction_request.billing_address, current_transaction_request.reference,
        current_transaction_request.final, current_transaction_request.reason,
        current_transaction_request.sale_transaction_id, current_transaction_request.customer_details,
        current_transaction_request.recurring, current_transaction_request.flow_id,
        current_transaction_request.vault_options, current_transaction_request.token_id,
        current_transaction_request.payment_request_id, current_transaction_request.statement_descriptor,
        current_transaction_request.metadata
    ) is distinct from (
        excluded.idempotency_key, excluded.transaction_request_type, excluded.transaction_id,
        excluded.processor_merchant_account_id, excluded.user_id, excluded.created_at, excluded.amount,
        excluded.currency_code, excluded.submit_for_settlement, excluded.billing_address,
        excluded.reference, excluded.final, excluded.reason, excluded.sale_transaction_id,
        excluded.customer_details, excluded.recurring, excluded.flow_id, excluded.vault_options,
        excluded.token_id, excluded.payment_request_id, excluded.statement_descriptor, excluded.metadata
    );
end;

create trigger fold_transaction_request_patch instead of insert on fold_transaction_request
when new._op in ('insert', 'update') and (new._old_key is not null or new._absent is not null)
begin
    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from current_transaction_request
    where transaction_request_id = (select transaction_request_id from stg_transaction_request where _seq = new._seq)
        and transaction_request_id <> new._old_key ->> '$.transaction_request_id'
        and exists (select 1 from current_transaction_request where transaction_request_id = new._old_key ->> '$.transaction_request_id');

    update current_transaction_request
    set transaction_request_id = (select transaction_request_id from stg_transaction_request where _seq = new._seq)
    where transaction_request_id = new._old_key ->> '$.transaction_request_id';

    insert into current_transaction_request (
        transaction_request_id, idempotency_key, transaction_request_type, transaction_id,
        processor_merchant_account_id, user_id, created_at, amount, currency_code, submit_for_settlement,
        billing_address, reference, final, reason, sale_transaction_id, customer_details, recurring,
        flow_id, vault_options, token_id, payment_request_id, statement_descriptor, metadata
    )
    select
        staged.transaction_request_id,
        iif(instr(new._absent, ',idempotency_key,'), held.idempotency_key, staged.idempotency_key),
        iif(instr(new._absent, ',transaction_request_type,'), held.transaction_request_type, staged.transaction_request_type),
        iif(instr(new._absent, ',transaction_id,'), held.transaction_id, staged.transaction_id),
        iif(instr(new._absent, ',processor_merchant_account_id,'), held.processor_merchant_account_id, staged.processor_merchant_account_id),
        iif(instr(new._absent, ',user_id,'), held.user_id, staged.user_id),
        iif(instr(new._absent, ',created_at,'), held.created_at, staged.created_at),
        iif(instr(new._absent, ',amount,'), held.amount, staged.amount),
        iif(instr(new._absent, ',currency_code,'), held.currency_code, staged.currency_code),
        iif(instr(new._absent, ',submit_for_settlement,'), held.submit_for_settlement, staged.submit_for_settlement),
        iif(instr(new._absent, ',billing_address,'), held.billing_address, staged.billing_address),
        iif(instr(new._absent, ',reference,'), held.reference, staged.reference),
        iif(instr(new._absent, ',final,'), held.final, staged.final),
        iif(instr(new._absent, ',reason,'), held.reason, staged.reason),
        iif(instr(new._absent, ',sale_transaction_id,'), held.sale_transaction_id, staged.sale_transaction_id),
        iif(instr(new._absent, ',customer_details,'), held.customer_details, staged.customer_details),
        iif(instr(new._absent, ',recurring,'), held.recurring, staged.recurring),
        iif(instr(new._absent, ',flow_id,'), held.flow_id, staged.flow_id),
        iif(instr(new._absent, ',vault_options,'), held.vault_options, staged.vault_options),
        iif(instr(new._absent, ',token_id,'), held.token_id, staged.token_id),
        iif(instr(new._absent, ',payment_request_id,'), held.payment_request_id, staged.payment_request_id),
        iif(instr(new._absent, ',statement_descriptor,'), held.statement_descriptor, staged.statement_descriptor),
        iif(instr(new._absent, ',metadata,'), held.metadata, staged.metadata)
    from stg_transaction_request as staged
    left join current_transaction_request as held on held.transaction_request_id = staged.transaction_request_id
    where staged._seq = new._seq
    on conflict (transaction_request_id) do update
    set (
        idempotency_key, transaction_request_type, transaction_id, processor_merchant_account_id, user_id,
        created_at, amount, currency_code, submit_for_settlement, billing_address, reference, final, reason,
        sale_transaction_id, customer_details, recurring, flow_id, vault_options, token_id,
        payment_request_id, statement_descriptor, metadata
    ) = (
        excluded.idempotency_key, excluded.transaction_request_type, excluded.transaction_id,
        excluded.processor_merchant_account_id, excluded.user_id, excluded.created_at, excluded.amount,
        excluded.currency_code, excluded.submit_for_settlement, excluded.billing_address,
        excluded.reference, excluded.final, excluded.reason, excluded.sale_transaction_id,
        excluded.customer_details, excluded.recurring, excluded.flow_id, excluded.vault_options,
        excluded.token_id, excluded.payment_request_id, excluded.statement_descriptor, excluded.metadata
    )
    where (
        current_transaction_request.idempotency_key, current_transaction_request.transaction_request_type,
        current_transaction_request.transaction_id,
        current_transaction_request.processor_merchant_account_id, current_transaction_request.user_id,
        current_transaction_request.created_at, current_transaction_request.amount,
        current_transaction_request.currency_code, current_transaction_request.submit_for_settlement,
        current_transaction_request.billing_address, current_transaction_request.reference,
        current_transaction_request.final, current_transaction_request.reason,
        current_transaction_request.sale_transaction_id, current_transaction_request.customer_details,
        current_transaction_request.recurring, current_transaction_request.flow_id,
        current_transaction_request.vault_options, current_transaction_request.token_id,
        current_transaction_request.payment_request_id, current_transaction_request.statement_descriptor,
        current_transaction_request.metadata
    ) is distinct from (
        excluded.idempotency_key, excluded.transaction_request_type, excluded.transaction_id,
        excluded.processor_merchant_account_id, excluded.user_id, excluded.created_at, excluded.amount,
        excluded.currency_code, excluded.submit_for_settlement, excluded.billing_address,
        excluded.reference, excluded.final, excluded.reason, excluded.sale_transaction_id,
        excluded.customer_details, excluded.recurring, excluded.flow_id, excluded.vault_options,
        excluded.token_id, excluded.payment_request_id, excluded.statement_descriptor, excluded.metadata
    );
end;

create trigger fold_transaction_request_delete instead of insert on fold_transaction_request
when new._op = 'delete'
begin
    delete from current_transaction_request
    where transaction_request_id = (select transaction_request_id from stg_transaction_request where _seq = new._seq);
end;

create trigger fold_transaction_request_truncate instead of insert on fold_transaction_request
when new._op = 'truncate'
begin
    delete from current_transaction_request;
end;

insert or ignore into elt_watermarks (model) values ('current_transaction_request');

insert into fold_transaction_request
select _seq, _op, _old_key, _absent
from stg_transaction_request
where _seq > (select watermark from elt_watermarks where model = 'current_transaction_request')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_transaction_request';
