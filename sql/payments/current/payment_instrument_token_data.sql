-- row: the latest state of a row of public.payment_instrument_token_data
-- relation: public.payment_instrument_token_data
-- key: token_id
-- scaffold: 7e580f8d51e7cd2c

create table if not exists current_payment_instrument_token_data (
    token_id text not null,
    analytics_id text,
    merchant_analytics_id text,
    token_type text,
    payment_instrument_type text,
    payment_instrument_data text,
    vault_data text,
    three_d_secure_authentication text,
    multi_use_token_id text
) strict;

create unique index if not exists key_payment_instrument_token_data
on current_payment_instrument_token_data (token_id);

-- What the last run changed: each row that it touched, as it was ('old') and as it is ('new').
create table if not exists changed_payment_instrument_token_data (
    _tick integer not null,
    _op text not null,
    _image text not null,
    token_id text,
    analytics_id text,
    merchant_analytics_id text,
    token_type text,
    payment_instrument_type text,
    payment_instrument_data text,
    vault_data text,
    three_d_secure_authentication text,
    multi_use_token_id text
) strict;

drop trigger if exists current_payment_instrument_token_data_inserted;
create trigger current_payment_instrument_token_data_inserted after insert on current_payment_instrument_token_data
when (select recording from elt_watermarks where model = 'current_payment_instrument_token_data')
begin
    insert into changed_payment_instrument_token_data
    select
        tick, 'insert', 'new', new.token_id, new.analytics_id, new.merchant_analytics_id, new.token_type,
        new.payment_instrument_type, new.payment_instrument_data, new.vault_data,
        new.three_d_secure_authentication, new.multi_use_token_id
    from elt_clock;
end;

drop trigger if exists current_payment_instrument_token_data_updated;
create trigger current_payment_instrument_token_data_updated after update on current_payment_instrument_token_data
when (select recording from elt_watermarks where model = 'current_payment_instrument_token_data')
begin
    insert into changed_payment_instrument_token_data
    select
        tick, 'update', 'old', old.token_id, old.analytics_id, old.merchant_analytics_id, old.token_type,
        old.payment_instrument_type, old.payment_instrument_data, old.vault_data,
        old.three_d_secure_authentication, old.multi_use_token_id
    from elt_clock;
    insert into changed_payment_instrument_token_data
    select
        tick, 'update', 'new', new.token_id, new.analytics_id, new.merchant_analytics_id, new.token_type,
        new.payment_instrument_type, new.payment_instrument_data, new.vault_data,
        new.three_d_secure_authentication, new.multi_use_token_id
    from elt_clock;
end;

drop trigger if exists current_payment_instrument_token_data_deleted;
create trigger current_payment_instrument_token_data_deleted after delete on current_payment_instrument_token_data
when (select recording from elt_watermarks where model = 'current_payment_instrument_token_data')
begin
    insert into changed_payment_instrument_token_data
    select
        tick, 'delete', 'old', old.token_id, old.analytics_id, old.merchant_analytics_id, old.token_type,
        old.payment_instrument_type, old.payment_instrument_data, old.vault_data,
        old.three_d_secure_authentication, old.multi_use_token_id
    from elt_clock;
end;

-- How one change is folded in; the conditions exclude each other.
drop view if exists fold_payment_instrument_token_data;
create view fold_payment_instrument_token_data as
select _seq, _op, _old_key, _absent from stg_payment_instrument_token_data;

create trigger fold_payment_instrument_token_data_write instead of insert on fold_payment_instrument_token_data
when new._op in ('insert', 'update') and new._old_key is null and new._absent is null
begin
    insert into current_payment_instrument_token_data (
        token_id, analytics_id, merchant_analytics_id, token_type, payment_instrument_type,
        payment_instrument_data, vault_data, three_d_secure_authentication, multi_use_token_id
    )
    select
        token_id, analytics_id, merchant_analytics_id, token_type, payment_instrument_type,
        payment_instrument_data, vault_data, three_d_secure_authentication, multi_use_token_id
    from stg_payment_instrument_token_data
    where _seq = new._seq
    on conflict (token_id) do update
    set (
        analytics_id, merchant_analytics_id, token_type, payment_instrument_type, payment_instrument_data,
        vault_data, three_d_secure_authentication, multi_use_token_id
    ) = (
        excluded.analytics_id, excluded.merchant_analytics_id, excluded.token_type,
        excluded.payment_instrument_type, excluded.payment_instrument_data, excluded.vault_data,
        excluded.three_d_secure_authentication, excluded.multi_use_token_id
    )
    where (
        current_payment_instrument_token_data.analytics_id,
        current_payment_instrument_token_data.merchant_analytics_id,
        current_payment_instrument_token_data.token_type,
        current_payment_instrument_token_data.payment_instrument_type,
        current_payment_instrument_token_data.payment_instrument_data,
        current_payment_instrument_token_data.vault_data,
        current_payment_instrument_token_data.three_d_secure_authentication,
        current_payment_instrument_token_data.multi_use_token_id
    ) is distinct from (
        excluded.analytics_id, excluded.merchant_analytics_id, excluded.token_type,
        excluded.payment_instrument_type, excluded.payment_instrument_data, excluded.vault_data,
        excluded.three_d_secure_authentication, excluded.multi_use_token_id
    );
end;

create trigger fold_payment_instrument_token_data_patch instead of insert on fold_payment_instrument_token_data
when new._op in ('insert', 'update') and (new._old_key is not null or new._absent is not null)
begin
    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from current_payment_instrument_token_data
    where token_id = (select token_id from stg_payment_instrument_token_data where _seq = new._seq)
        and token_id <> new._old_key ->> '$.token_id'
        and exists (select 1 from current_payment_instrument_token_data where token_id = new._old_key ->> '$.token_id');

    update current_payment_instrument_token_data
    set token_id = (select token_id from stg_payment_instrument_token_data where _seq = new._seq)
    where token_id = new._old_key ->> '$.token_id';

    insert into current_payment_instrument_token_data (
        token_id, analytics_id, merchant_analytics_id, token_type, payment_instrument_type,
        payment_instrument_data, vault_data, three_d_secure_authentication, multi_use_token_id
    )
    select
        staged.token_id,
        iif(instr(new._absent, ',analytics_id,'), held.analytics_id, staged.analytics_id),
        iif(instr(new._absent, ',merchant_analytics_id,'), held.merchant_analytics_id, staged.merchant_analytics_id),
        iif(instr(new._absent, ',token_type,'), held.token_type, staged.token_type),
        iif(instr(new._absent, ',payment_instrument_type,'), held.payment_instrument_type, staged.payment_instrument_type),
        iif(instr(new._absent, ',payment_instrument_data,'), held.payment_instrument_data, staged.payment_instrument_data),
        iif(instr(new._absent, ',vault_data,'), held.vault_data, staged.vault_data),
        iif(instr(new._absent, ',three_d_secure_authentication,'), held.three_d_secure_authentication, staged.three_d_secure_authentication),
        iif(instr(new._absent, ',multi_use_token_id,'), held.multi_use_token_id, staged.multi_use_token_id)
    from stg_payment_instrument_token_data as staged
    left join current_payment_instrument_token_data as held on held.token_id = staged.token_id
    where staged._seq = new._seq
    on conflict (token_id) do update
    set (
        analytics_id, merchant_analytics_id, token_type, payment_instrument_type, payment_instrument_data,
        vault_data, three_d_secure_authentication, multi_use_token_id
    ) = (
        excluded.analytics_id, excluded.merchant_analytics_id, excluded.token_type,
        excluded.payment_instrument_type, excluded.payment_instrument_data, excluded.vault_data,
        excluded.three_d_secure_authentication, excluded.multi_use_token_id
    )
    where (
        current_payment_instrument_token_data.analytics_id,
        current_payment_instrument_token_data.merchant_analytics_id,
        current_payment_instrument_token_data.token_type,
        current_payment_instrument_token_data.payment_instrument_type,
        current_payment_instrument_token_data.payment_instrument_data,
        current_payment_instrument_token_data.vault_data,
        current_payment_instrument_token_data.three_d_secure_authentication,
        current_payment_instrument_token_data.multi_use_token_id
    ) is distinct from (
        excluded.analytics_id, excluded.merchant_analytics_id, excluded.token_type,
        excluded.payment_instrument_type, excluded.payment_instrument_data, excluded.vault_data,
        excluded.three_d_secure_authentication, excluded.multi_use_token_id
    );
end;

create trigger fold_payment_instrument_token_data_delete instead of insert on fold_payment_instrument_token_data
when new._op = 'delete'
begin
    delete from current_payment_instrument_token_data
    where token_id = (select token_id from stg_payment_instrument_token_data where _seq = new._seq);
end;

create trigger fold_payment_instrument_token_data_truncate instead of insert on fold_payment_instrument_token_data
when new._op = 'truncate'
begin
    delete from current_payment_instrument_token_data;
end;

insert or ignore into elt_watermarks (model) values ('current_payment_instrument_token_data');

insert into fold_payment_instrument_token_data
select _seq, _op, _old_key, _absent
from stg_payment_instrument_token_data
where _seq > (select watermark from elt_watermarks where model = 'current_payment_instrument_token_data')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_payment_instrument_token_data';
