-- row: the latest state of a row of public.exchange_rates
-- relation: public.exchange_rates
-- key: currency
-- scaffold: 531a747229e10940

create table if not exists current_exchange_rates (
    currency text not null,
    rate_to_usd text
) strict;

create unique index if not exists key_exchange_rates
on current_exchange_rates (currency);

-- What the last run changed: each row that it touched, as it was ('old') and as it is ('new').
create table if not exists changed_exchange_rates as
select cast(0 as integer) as _tick, cast('' as text) as _op, cast('' as text) as _image, current_exchange_rates.*
from current_exchange_rates
where false;

drop trigger if exists current_exchange_rates_inserted;
create trigger current_exchange_rates_inserted after insert on current_exchange_rates
when (select recording from elt_watermarks where model = 'current_exchange_rates')
begin
    insert into changed_exchange_rates
    select tick, 'insert', 'new', touched.*
    from elt_clock cross join current_exchange_rates as touched on touched.rowid = new.rowid;
end;

drop trigger if exists current_exchange_rates_updating;
create trigger current_exchange_rates_updating before update on current_exchange_rates
when (select recording from elt_watermarks where model = 'current_exchange_rates')
begin
    insert into changed_exchange_rates
    select tick, 'update', 'old', touched.*
    from elt_clock cross join current_exchange_rates as touched on touched.rowid = old.rowid;
end;

drop trigger if exists current_exchange_rates_updated;
create trigger current_exchange_rates_updated after update on current_exchange_rates
when (select recording from elt_watermarks where model = 'current_exchange_rates')
begin
    insert into changed_exchange_rates
    select tick, 'update', 'new', touched.*
    from elt_clock cross join current_exchange_rates as touched on touched.rowid = new.rowid;
end;

drop trigger if exists current_exchange_rates_deleting;
create trigger current_exchange_rates_deleting before delete on current_exchange_rates
when (select recording from elt_watermarks where model = 'current_exchange_rates')
begin
    insert into changed_exchange_rates
    select tick, 'delete', 'old', touched.*
    from elt_clock cross join current_exchange_rates as touched on touched.rowid = old.rowid;
end;

-- What each change makes of its row: a column that it leaves out keeps what the row holds. _row is the row that
-- the change names, _taken the one that has its new key.
drop view if exists fold_exchange_rates;
create view fold_exchange_rates as
select
    staged._seq, staged._op, staged._old_key, staged._absent,
    held.rowid as _row,
    (select rowid from current_exchange_rates where currency = staged.currency) as _taken,
    staged.currency,
    iif(instr(staged._absent, ',rate_to_usd,'), held.rate_to_usd, staged.rate_to_usd) as rate_to_usd
from stg_exchange_rates as staged
left join current_exchange_rates as held on held.rowid = coalesce(
    (select rowid from current_exchange_rates where currency = staged._old_key ->> '$.currency'),
    (select rowid from current_exchange_rates where currency = staged.currency)
);

create trigger fold_exchange_rates_write instead of insert on fold_exchange_rates
when new._op in ('insert', 'update')
begin
    -- A row from before the slot.
    update elt_watermarks
    set rowless = rowless + 1, rowless_seq = coalesce(rowless_seq, new._seq)
    where model = 'current_exchange_rates'
        and new._op = 'update'
        and (select _row from fold_exchange_rates where _seq = new._seq) is null;

    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from current_exchange_rates
    where new._old_key is not null
        and rowid = (select _taken from fold_exchange_rates where _seq = new._seq and _taken <> _row);

    insert into current_exchange_rates (
        rowid, currency, rate_to_usd
    )
    select
        _row, currency, rate_to_usd
    from fold_exchange_rates
    where _seq = new._seq
    on conflict (rowid) do update
    set (
        currency, rate_to_usd
    ) = (
        excluded.currency, excluded.rate_to_usd
    )
    where (
        current_exchange_rates.currency, current_exchange_rates.rate_to_usd
    ) is distinct from (
        excluded.currency, excluded.rate_to_usd
    );
end;

create trigger fold_exchange_rates_delete instead of insert on fold_exchange_rates
when new._op = 'delete'
begin
    -- A row from before the slot.
    update elt_watermarks
    set rowless = rowless + 1, rowless_seq = coalesce(rowless_seq, new._seq)
    where model = 'current_exchange_rates'
        and (select _row from fold_exchange_rates where _seq = new._seq) is null;

    delete from current_exchange_rates
    where rowid = (select _row from fold_exchange_rates where _seq = new._seq);
end;

create trigger fold_exchange_rates_truncate instead of insert on fold_exchange_rates
when new._op = 'truncate'
begin
    delete from current_exchange_rates;

    -- From here on every row comes.
    update elt_watermarks
    set rowless = 0, rowless_seq = null
    where model = 'current_exchange_rates';
end;

create trigger fold_exchange_rates_stop instead of insert on fold_exchange_rates
when new._op = 'stop' or (
    new._op = 'delete' and exists (select 1 from fold_exchange_rates where _seq = new._seq and (currency is null))
)
begin
    select raise(abort, 'public.exchange_rates: the stream does not name rows by currency, and so they cannot be found (see elt transform)');
end;

insert or ignore into elt_watermarks (model) values ('current_exchange_rates');

-- Rows must be named by this key in all that is new, and no column of it may have been retyped.
insert into fold_exchange_rates (_op)
select 'stop'
from elt_keys_ahead
where model = 'current_exchange_rates'
    and (key <> 'currency' or retyped in ('currency'));

insert into fold_exchange_rates (_seq, _op, _old_key, _absent)
select _seq, _op, _old_key, _absent
from stg_exchange_rates
where _seq > (select watermark from elt_watermarks where model = 'current_exchange_rates')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_exchange_rates';
