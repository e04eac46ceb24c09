-- row: the latest state of a row of public.payment_instrument_token_data
-- relation: public.payment_instrument_token_data
-- key: token_id
-- scaffold: 4e55c157474ad8aa

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
create table if not exists changed_payment_instrument_token_data as
select cast(0 as integer) as _tick, cast('' as text) as _op, cast('' as text) as _image, current_payment_instrument_token_data.*
from current_payment_instrument_token_data
where false;

drop trigger if exists current_payment_instrument_token_data_inserted;
create trigger current_payment_instrument_token_data_inserted after insert on current_payment_instrument_token_data
when (select recording from elt_watermarks where model = 'current_payment_instrument_token_data')
begin
    insert into changed_payment_instrument_token_data
    select tick, 'insert', 'new', touched.*
    from elt_clock cross join current_payment_instrument_token_data as touched on touched.rowid = new.rowid;
end;

drop trigger if exists current_payment_instrument_token_data_updating;
create trigger current_payment_instrument_token_data_updating before update on current_payment_instrument_token_data
when (select recording from elt_watermarks where model = 'current_payment_instrument_token_data')
begin
    insert into changed_payment_instrument_token_data
    select tick, 'update', 'old', touched.*
    from elt_clock cross join current_payment_instrument_token_data as touched on touched.rowid = old.rowid;
end;

drop trigger if exists current_payment_instrument_token_data_updated;
create trigger current_payment_instrument_token_data_updated after update on current_payment_instrument_token_data
when (select recording from elt_watermarks where model = 'current_payment_instrument_token_data')
begin
    insert into changed_payment_instrument_token_data
    select tick, 'update', 'new', touched.*
    from elt_clock cross join current_payment_instrument_token_data as touched on touched.rowid = new.rowid;
end;

drop trigger if exists current_payment_instrument_token_data_deleting;
create trigger current_payment_instrument_token_data_deleting before delete on current_payment_instrument_token_data
when (select recording from elt_watermarks where model = 'current_payment_instrument_token_data')
begin
    insert into changed_payment_instrument_token_data
    select tick, 'delete', 'old', touched.*
    from elt_clock cross join current_payment_instrument_token_data as touched on touched.rowid = old.rowid;
end;

-- What each change makes of its row: a column that it leaves out keeps what the row holds. _row is the row that
-- the change names, _taken the one that has its new key.
drop view if exists fold_payment_instrument_token_data;
create view fold_payment_instrument_token_data as
select
    staged._seq, staged._op, staged._old_key, staged._absent,
    held.rowid as _row,
    (select rowid from current_payment_instrument_token_data where token_id = staged.token_id) as _taken,
    staged.token_id,
    iif(instr(staged._absent, ',analytics_id,'), held.analytics_id, staged.analytics_id) as analytics_id,
    iif(instr(staged._absent, ',merchant_analytics_id,'), held.merchant_analytics_id, staged.merchant_analytics_id) as merchant_analytics_id,
    iif(instr(staged._absent, ',token_type,'), held.token_type, staged.token_type) as token_type,
    iif(instr(staged._absent, ',payment_instrument_type,'), held.payment_instrument_type, staged.payment_instrument_type) as payment_instrument_type,
    iif(instr(staged._absent, ',payment_instrument_data,'), held.payment_instrument_data, staged.payment_instrument_data) as payment_instrument_data,
    iif(instr(staged._absent, ',vault_data,'), held.vault_data, staged.vault_data) as vault_data,
    iif(instr(staged._absent, ',three_d_secure_authentication,'), held.three_d_secure_authentication, staged.three_d_secure_authentication) as three_d_secure_authentication,
    iif(instr(staged._absent, ',multi_use_token_id,'), held.multi_use_token_id, staged.multi_use_token_id) as multi_use_token_id
from stg_payment_instrument_token_data as staged
left join current_payment_instrument_token_data as held on held.rowid = coalesce(
    (select rowid from current_payment_instrument_token_data where token_id = staged._old_key ->> '$.token_id'),
    (select rowid from current_payment_instrument_token_data where token_id = staged.token_id)
);

create trigger fold_payment_instrument_token_data_write instead of insert on fold_payment_instrument_token_data
when new._op in ('insert', 'update')
begin
    -- A row from before the slot.
    update elt_watermarks
    set rowless = rowless + 1, rowless_seq = coalesce(rowless_seq, new._seq)
    where model = 'current_payment_instrument_token_data'
        and new._op = 'update'
        and (select _row from fold_payment_instrument_token_data where _seq = new._seq) is null;

    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from current_payment_instrument_token_data
    where new._old_key is not null
        and rowid = (select _taken from fold_payment_instrument_token_data where _seq = new._seq and _taken <> _row);

    insert into current_payment_instrument_token_data (
        rowid, token_id, analytics_id, merchant_analytics_id, token_type, payment_instrument_type,
        payment_instrument_data, vault_data, three_d_secure_authentication, multi_use_token_id
    )
    select
        _row, token_id, analytics_id, merchant_analytics_id, token_type, payment_instrument_type,
        payment_instrument_data, vault_data, three_d_secure_authentication, multi_use_token_id
    from fold_payment_instrument_token_data
    where _seq = new._seq
    on conflict (rowid) do update
    set (
        token_id, analytics_id, merchant_analytics_id, token_type, payment_instrument_type,
        payment_instrument_data, vault_data, three_d_secure_authentication, multi_use_token_id
    ) = (
        excluded.token_id, excluded.analytics_id, excluded.merchant_analytics_id, excluded.token_type,
        excluded.payment_instrument_type, excluded.payment_instrument_data, excluded.vault_data,
        excluded.three_d_secure_authentication, excluded.multi_use_token_id
    )
    where (
        current_payment_instrument_token_data.token_id, current_payment_instrument_token_data.analytics_id,
        current_payment_instrument_token_data.merchant_analytics_id,
        current_payment_instrument_token_data.token_type,
        current_payment_instrument_token_data.payment_instrument_type,
        current_payment_instrument_token_data.payment_instrument_data,
        current_payment_instrument_token_data.vault_data,
        current_payment_instrument_token_data.three_d_secure_authentication,
        current_payment_instrument_token_data.multi_use_token_id
    ) is distinct from (
        excluded.token_id, excluded.analytics_id, excluded.merchant_analytics_id, excluded.token_type,
        excluded.payment_instrument_type, excluded.payment_instrument_data, excluded.vault_data,
        excluded.three_d_secure_authentication, excluded.multi_use_token_id
    );
end;

create trigger fold_payment_instrument_token_data_delete instead of insert on fold_payment_instrument_token_data
when new._op = 'delete'
begin
    -- A row from before the slot.
    update elt_watermarks
    set rowless = rowless + 1, rowless_seq = coalesce(rowless_seq, new._seq)
    where model = 'current_payment_instrument_token_data'
        and (select _row from fold_payment_instrument_token_data where _seq = new._seq) is null;

    delete from current_payment_instrument_token_data
    where rowid = (select _row from fold_payment_instrument_token_data where _seq = new._seq);
end;

create trigger fold_payment_instrument_token_data_truncate instead of insert on fold_payment_instrument_token_data
when new._op = 'truncate'
begin
    delete from current_payment_instrument_token_data;

    -- From here on every row comes.
    update elt_watermarks
    set rowless = 0, rowless_seq = null
    where model = 'current_payment_instrument_token_data';
end;

create trigger fold_payment_instrument_token_data_stop instead of insert on fold_payment_instrument_token_data
when new._op = 'stop' or (
    new._op = 'delete' and exists (select 1 from fold_payment_instrument_token_data where _seq = new._seq and (token_id is null))
)
begin
    select raise(abort, 'public.payment_instrument_token_data: the stream does not name rows by token_id, and so they cannot be found (see elt transform)');
end;

insert or ignore into elt_watermarks (model) values ('current_payment_instrument_token_data');

-- Rows must be named by this key in all that is new, and no column of it may have been retyped.
insert into fold_payment_instrument_token_data (_op)
select 'stop'
from elt_keys_ahead
where model = 'current_payment_instrument_token_data'
    and (key <> 'token_id' or retyped in ('token_id'));

insert into fold_payment_instrument_token_data (_seq, _op, _old_key, _absent)
select _seq, _op, _old_key, _absent
from stg_payment_instrument_token_data
where _seq > (select watermark from elt_watermarks where model = 'current_payment_instrument_token_data')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_payment_instrument_token_data';
