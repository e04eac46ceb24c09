-- row: the latest state of a row of public.payment_instrument_token
-- relation: public.payment_instrument_token
-- key: transaction_id
-- scaffold: 32313191b8b44473

create table if not exists current_payment_instrument_token (
    transaction_id text not null,
    payment_instrument_type text,
    three_d_secure_authentication text,
    vault_data text
) strict;

create unique index if not exists key_payment_instrument_token
on current_payment_instrument_token (transaction_id);

-- What the last run changed: each row that it touched, as it was ('old') and as it is ('new').
create table if not exists changed_payment_instrument_token (
    _tick integer not null,
    _op text not null,
    _image text not null,
    transaction_id text,
    payment_instrument_type text,
    three_d_secure_authentication text,
    vault_data text
) strict;

drop trigger if exists current_payment_instrument_token_inserted;
create trigger current_payment_instrument_token_inserted after insert on current_payment_instrument_token
when (select recording from elt_watermarks where model = 'current_payment_instrument_token')
begin
    insert into changed_payment_instrument_token
    select
        tick, 'insert', 'new', new.transaction_id, new.payment_instrument_type,
        new.three_d_secure_authentication, new.vault_data
    from elt_clock;
end;

drop trigger if exists current_payment_instrument_token_updated;
create trigger current_payment_instrument_token_updated after update on current_payment_instrument_token
when (select recording from elt_watermarks where model = 'current_payment_instrument_token')
begin
    insert into changed_payment_instrument_token
    select
        tick, 'update', 'old', old.transaction_id, old.payment_instrument_type,
        old.three_d_secure_authentication, old.vault_data
    from elt_clock;
    insert into changed_payment_instrument_token
    select
        tick, 'update', 'new', new.transaction_id, new.payment_instrument_type,
        new.three_d_secure_authentication, new.vault_data
    from elt_clock;
end;

drop trigger if exists current_payment_instrument_token_deleted;
create trigger current_payment_instrument_token_deleted after delete on current_payment_instrument_token
when (select recording from elt_watermarks where model = 'current_payment_instrument_token')
begin
    insert into changed_payment_instrument_token
    select
        tick, 'delete', 'old', old.transaction_id, old.payment_instrument_type,
        old.three_d_secure_authentication, old.vault_data
    from elt_clock;
end;

-- How one change is folded in; the conditions exclude each other.
drop view if exists fold_payment_instrument_token;
create view fold_payment_instrument_token as
select _seq, _op, _old_key, _absent from stg_payment_instrument_token;

create trigger fold_payment_instrument_token_write instead of insert on fold_payment_instrument_token
when new._op in ('insert', 'update') and new._old_key is null and new._absent is null
begin
    insert into current_payment_instrument_token (
        transaction_id, payment_instrument_type, three_d_secure_authentication, vault_data
    )
    select
        transaction_id, payment_instrument_type, three_d_secure_authentication, vault_data
    from stg_payment_instrument_token
    where _seq = new._seq
    on conflict (transaction_id) do update
    set (
        payment_instrument_type, three_d_secure_authentication, vault_data
    ) = (
        excluded.payment_instrument_type, excluded.three_d_secure_authentication, excluded.vault_data
    )
    where (
        current_payment_instrument_token.payment_instrument_type,
        current_payment_instrument_token.three_d_secure_authentication,
        current_payment_instrument_token.vault_data
    ) is distinct from (
        excluded.payment_instrument_type, excluded.three_d_secure_authentication, excluded.vault_data
    );
end;

create trigger fold_payment_instrument_token_patch instead of insert on fold_payment_instrument_token
when new._op in ('insert', 'update') and (new._old_key is not null or new._absent is not null)
begin
    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from current_payment_instrument_token
    where transaction_id = (select transaction_id from stg_payment_instrument_token where _seq = new._seq)
        and transaction_id <> new._old_key ->> '$.transaction_id'
        and exists (select 1 from current_payment_instrument_token where transaction_id = new._old_key ->> '$.transaction_id');

    update current_payment_instrument_token
    set transaction_id = (select transaction_id from stg_payment_instrument_token where _seq = new._seq)
    where transaction_id = new._old_key ->> '$.transaction_id';

    insert into current_payment_instrument_token (
        transaction_id, payment_instrument_type, three_d_secure_authentication, vault_data
    )
    select
        staged.transaction_id,
        iif(instr(new._absent, ',payment_instrument_type,'), held.payment_instrument_type, staged.payment_instrument_type),
        iif(instr(new._absent, ',three_d_secure_authentication,'), held.three_d_secure_authentication, staged.three_d_secure_authentication),
        iif(instr(new._absent, ',vault_data,'), held.vault_data, staged.vault_data)
    from stg_payment_instrument_token as staged
    left join current_payment_instrument_token as held on held.transaction_id = staged.transaction_id
    where staged._seq = new._seq
    on conflict (transaction_id) do update
    set (
        payment_instrument_type, three_d_secure_authentication, vault_data
    ) = (
        excluded.payment_instrument_type, excluded.three_d_secure_authentication, excluded.vault_data
    )
    where (
        current_payment_instrument_token.payment_instrument_type,
        current_payment_instrument_token.three_d_secure_authentication,
        current_payment_instrument_token.vault_data
    ) is distinct from (
        excluded.payment_instrument_type, excluded.three_d_secure_authentication, excluded.vault_data
    );
end;

create trigger fold_payment_instrument_token_delete instead of insert on fold_payment_instrument_token
when new._op = 'delete'
begin
    delete from current_payment_instrument_token
    where transaction_id = (select transaction_id from stg_payment_instrument_token where _seq = new._seq);
end;

create trigger fold_payment_instrument_token_truncate instead of insert on fold_payment_instrument_token
when new._op = 'truncate'
begin
    delete from current_payment_instrument_token;
end;

insert or ignore into elt_watermarks (model) values ('current_payment_instrument_token');

insert into fold_payment_instrument_token
select _seq, _op, _old_key, _absent
from stg_payment_instrument_token
where _seq > (select watermark from elt_watermarks where model = 'current_payment_instrument_token')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_payment_instrument_token';
