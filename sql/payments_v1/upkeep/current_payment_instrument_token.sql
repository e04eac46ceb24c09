-- row: the latest state of a row of public.payment_instrument_token
-- relation: public.payment_instrument_token
-- key: transaction_id
-- scaffold: 25dac0625249b86f

create table if not exists current_payment_instrument_token (
    transaction_id text not null,
    payment_instrument_type text,
    three_d_secure_authentication text,
    vault_data text
) strict;

create unique index if not exists key_payment_instrument_token
on current_payment_instrument_token (transaction_id);

-- What the last run changed: each row that it touched, as it was ('old') and as it is ('new').
create table if not exists changed_payment_instrument_token as
select cast(0 as integer) as _tick, cast('' as text) as _op, cast('' as text) as _image, current_payment_instrument_token.*
from current_payment_instrument_token
where false;

drop trigger if exists current_payment_instrument_token_inserted;
create trigger current_payment_instrument_token_inserted after insert on current_payment_instrument_token
when (select recording from elt_watermarks where model = 'current_payment_instrument_token')
begin
    insert into changed_payment_instrument_token
    select tick, 'insert', 'new', touched.*
    from elt_clock cross join current_payment_instrument_token as touched on touched.rowid = new.rowid;
end;

drop trigger if exists current_payment_instrument_token_updating;
create trigger current_payment_instrument_token_updating before update on current_payment_instrument_token
when (select recording from elt_watermarks where model = 'current_payment_instrument_token')
begin
    insert into changed_payment_instrument_token
    select tick, 'update', 'old', touched.*
    from elt_clock cross join current_payment_instrument_token as touched on touched.rowid = old.rowid;
end;

drop trigger if exists current_payment_instrument_token_updated;
create trigger current_payment_instrument_token_updated after update on current_payment_instrument_token
when (select recording from elt_watermarks where model = 'current_payment_instrument_token')
begin
    insert into changed_payment_instrument_token
    select tick, 'update', 'new', touched.*
    from elt_clock cross join current_payment_instrument_token as touched on touched.rowid = new.rowid;
end;

drop trigger if exists current_payment_instrument_token_deleting;
create trigger current_payment_instrument_token_deleting before delete on current_payment_instrument_token
when (select recording from elt_watermarks where model = 'current_payment_instrument_token')
begin
    insert into changed_payment_instrument_token
    select tick, 'delete', 'old', touched.*
    from elt_clock cross join current_payment_instrument_token as touched on touched.rowid = old.rowid;
end;

-- What each change makes of its row: a column that it leaves out keeps what the row holds. _row is the row that
-- the change names, _taken the one that has its new key.
drop view if exists fold_payment_instrument_token;
create view fold_payment_instrument_token as
select
    staged._seq, staged._op, staged._old_key, staged._absent,
    held.rowid as _row,
    (select rowid from current_payment_instrument_token where transaction_id = staged.transaction_id) as _taken,
    staged.transaction_id,
    iif(instr(staged._absent, ',payment_instrument_type,'), held.payment_instrument_type, staged.payment_instrument_type) as payment_instrument_type,
    iif(instr(staged._absent, ',three_d_secure_authentication,'), held.three_d_secure_authentication, staged.three_d_secure_authentication) as three_d_secure_authentication,
    iif(instr(staged._absent, ',vault_data,'), held.vault_data, staged.vault_data) as vault_data
from stg_payment_instrument_token as staged
left join current_payment_instrument_token as held on held.rowid = coalesce(
    (select rowid from current_payment_instrument_token where transaction_id = staged._old_key ->> '$.transaction_id'),
    (select rowid from current_payment_instrument_token where transaction_id = staged.transaction_id)
);

create trigger fold_payment_instrument_token_write instead of insert on fold_payment_instrument_token
when new._op in ('insert', 'update')
begin
    -- A row from before the slot.
    update elt_watermarks
    set rowless = rowless + 1, rowless_seq = coalesce(rowless_seq, new._seq)
    where model = 'current_payment_instrument_token'
        and new._op = 'update'
        and (select _row from fold_payment_instrument_token where _seq = new._seq) is null;

    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from current_payment_instrument_token
    where new._old_key is not null
        and rowid = (select _taken from fold_payment_instrument_token where _seq = new._seq and _taken <> _row);

    insert into current_payment_instrument_token (
        rowid, transaction_id, payment_instrument_type, three_d_secure_authentication, vault_data
    )
    select
        _row, transaction_id, payment_instrument_type, three_d_secure_authentication, vault_data
    from fold_payment_instrument_token
    where _seq = new._seq
    on conflict (rowid) do update
    set (
        transaction_id, payment_instrument_type, three_d_secure_authentication, vault_data
    ) = (
        excluded.transaction_id, excluded.payment_instrument_type, excluded.three_d_secure_authentication,
        excluded.vault_data
    )
    where (
        current_payment_instrument_token.transaction_id,
        current_payment_instrument_token.payment_instrument_type,
        current_payment_instrument_token.three_d_secure_authentication,
        current_payment_instrument_token.vault_data
    ) is distinct from (
        excluded.transaction_id, excluded.payment_instrument_type, excluded.three_d_secure_authentication,
        excluded.vault_data
    );
end;

create trigger fold_payment_instrument_token_delete instead of insert on fold_payment_instrument_token
when new._op = 'delete'
begin
    -- A row from before the slot.
    update elt_watermarks
    set rowless = rowless + 1, rowless_seq = coalesce(rowless_seq, new._seq)
    where model = 'current_payment_instrument_token'
        and (select _row from fold_payment_instrument_token where _seq = new._seq) is null;

    delete from current_payment_instrument_token
    where rowid = (select _row from fold_payment_instrument_token where _seq = new._seq);
end;

create trigger fold_payment_instrument_token_truncate instead of insert on fold_payment_instrument_token
when new._op = 'truncate'
begin
    delete from current_payment_instrument_token;

    -- From here on every row comes.
    update elt_watermarks
    set rowless = 0, rowless_seq = null
    where model = 'current_payment_instrument_token';
end;

create trigger fold_payment_instrument_token_stop instead of insert on fold_payment_instrument_token
when new._op = 'stop' or (
    new._op = 'delete' and exists (select 1 from fold_payment_instrument_token where _seq = new._seq and (transaction_id is null))
)
begin
    select raise(abort, 'public.payment_instrument_token: the stream does not name rows by transaction_id, and so they cannot be found (see elt transform)');
end;

insert or ignore into elt_watermarks (model) values ('current_payment_instrument_token');

-- Rows must be named by this key in all that is new, and no column of it may have been retyped.
insert into fold_payment_instrument_token (_op)
select 'stop'
from elt_keys_ahead
where model = 'current_payment_instrument_token'
    and (key <> 'transaction_id' or retyped in ('transaction_id'));

insert into fold_payment_instrument_token (_seq, _op, _old_key, _absent)
select _seq, _op, _old_key, _absent
from stg_payment_instrument_token
where _seq > (select watermark from elt_watermarks where model = 'current_payment_instrument_token')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_payment_instrument_token';
