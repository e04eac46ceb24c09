-- row: the latest state of a row of public.transaction_request
-- relation: public.transaction_request
-- key: transaction_request_id
-- scaffold: a12d9de738cb985c

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
    iif(instr(staged._absent, ',idempotency_key,'), held.idempotency_key, staged.idempotency_key) as idempotency_key,
    iif(instr(staged._absent, ',transaction_request_type,'), held.transaction_request_type, staged.transaction_request_type) as transaction_request_type,
    iif(instr(staged._absent, ',transaction_id,'), held.transaction_id, staged.transaction_id) as transaction_id,
    iif(instr(staged._absent, ',processor_merchant_account_id,'), held.processor_merchant_account_id, staged.processor_merchant_account_id) as processor_merchant_account_id,
    iif(instr(staged._absent, ',user_id,'), held.user_id, staged.user_id) as user_id,
    iif(instr(staged._absent, ',created_at,'), held.created_at, staged.created_at) as created_at,
    iif(instr(staged._absent, ',amount,'), held.amount, staged.amount) as amount,
    iif(instr(staged._absent, ',currency_code,'), held.currency_code, staged.currency_code) as currency_code,
    iif(instr(staged._absent, ',submit_for_settlement,'), held.submit_for_settlement, staged.submit_for_settlement) as submit_for_settlement,
    iif(instr(staged._absent, ',billing_address,'), held.billing_address, staged.billing_address) as billing_address,
    iif(instr(staged._absent, ',reference,'), held.reference, staged.reference) as reference,
    iif(instr(staged._absent, ',final,'), held.final, staged.final) as final,
    iif(instr(staged._absent, ',reason,'), held.reason, staged.reason) as reason,
    iif(instr(staged._absent, ',sale_transaction_id,'), held.sale_transaction_id, staged.sale_transaction_id) as sale_transaction_id,
    iif(instr(staged._absent, ',customer_details,'), held.customer_details, staged.customer_details) as customer_details,
    iif(instr(staged._absent, ',recurring,'), held.recurring, staged.recurring) as recurring,
    iif(instr(staged._absent, ',flow_id,'), held.flow_id, staged.flow_id) as flow_id,
    iif(instr(staged._absent, ',vault_options,'), held.vault_options, staged.vault_options) as vault_options,
    iif(instr(staged._absent, ',token_id,'), held.token_id, staged.token_id) as token_id,
    iif(instr(staged._absent, ',payment_request_id,'), held.payment_request_id, staged.payment_request_id) as payment_request_id,
    iif(instr(staged._absent, ',statement_descriptor,'), held.statement_descriptor, staged.statement_descriptor) as statement_descriptor,
    iif(instr(staged._absent, ',metadata,'), held.metadata, staged.metadata) as metadata
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
        rowid, transaction_request_id, idempotency_key, transaction_request_type, transaction_id,
        processor_merchant_account_id, user_id, created_at, amount, currency_code, submit_for_settlement,
        billing_address, reference, final, reason, sale_transaction_id, customer_details, recurring,
        flow_id, vault_options, token_id, payment_request_id, statement_descriptor, metadata
    )
    select
        _row, transaction_request_id, idempotency_key, transaction_request_type, transaction_id,
        processor_merchant_account_id, user_id, created_at, amount, currency_code, submit_for_settlement,
        billing_address, reference, final, reason, sale_transaction_id, customer_details, recurring,
        flow_id, vault_options, token_id, payment_request_id, statement_descriptor, metadata
    from fold_transaction_request
    where _seq = new._seq
    on conflict (rowid) do update
    set (
        transaction_request_id, idempotency_key, transaction_request_type, transaction_id,
        processor_merchant_account_id, user_id, created_at, amount, currency_code, submit_for_settlement,
        billing_address, reference, final, reason, sale_transaction_id, customer_details, recurring,
        flow_id, vault_options, token_id, payment_request_id, statement_descriptor, metadata
    ) = (
        excluded.transaction_request_id, excluded.idempotency_key, excluded.transaction_request_type,
        excluded.transaction_id, excluded.processor_merchant_account_id, excluded.user_id,
        excluded.created_at, excluded.amount, excluded.currency_code, excluded.submit_for_settlement,
        excluded.billing_address, excluded.reference, excluded.final, excluded.reason,
        excluded.sale_transaction_id, excluded.customer_details, excluded.recurring, excluded.flow_id,
        excluded.vault_options, excluded.token_id, excluded.payment_request_id,
        excluded.statement_descriptor, excluded.metadata
    )
    where (
        current_transaction_request.transaction_request_id, current_transaction_request.idempotency_key,
        current_transaction_request.transaction_request_type, current_transaction_request.transaction_id,
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
        excluded.transaction_request_id, excluded.idempotency_key, excluded.transaction_request_type,
        excluded.transaction_id, excluded.processor_merchant_account_id, excluded.user_id,
        excluded.created_at, excluded.amount, excluded.currency_code, excluded.submit_for_settlement,
        excluded.billing_address, excluded.reference, excluded.final, excluded.reason,
        excluded.sale_transaction_id, excluded.customer_details, excluded.recurring, excluded.flow_id,
        excluded.vault_options, excluded.token_id, excluded.payment_request_id,
        excluded.statement_descriptor, excluded.metadata
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
