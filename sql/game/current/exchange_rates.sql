-- row: the latest state of a row of public.exchange_rates
-- relation: public.exchange_rates
-- key: currency
-- scaffold: e65eb9a062b799eb

create table if not exists current_exchange_rates (
    currency text not null,
    rate_to_usd text
) strict;

create unique index if not exists key_exchange_rates
on current_exchange_rates (currency);

-- What the last run changed: each row that it touched, as it was ('old') and as it is ('new').
create table if not exists changed_exchange_rates (
    _tick integer not null,
    _op text not null,
    _image text not null,
    currency text,
    rate_to_usd text
) strict;

drop trigger if exists current_exchange_rates_inserted;
create trigger current_exchange_rates_inserted after insert on current_exchange_rates
when (select recording from elt_watermarks where model = 'current_exchange_rates')
begin
    insert into changed_exchange_rates
    select
        tick, 'insert', 'new', new.currency, new.rate_to_usd
    from elt_clock;
end;

drop trigger if exists current_exchange_rates_updated;
create trigger current_exchange_rates_updated after update on current_exchange_rates
when (select recording from elt_watermarks where model = 'current_exchange_rates')
begin
    insert into changed_exchange_rates
    select
        tick, 'update', 'old', old.currency, old.rate_to_usd
    from elt_clock;
    insert into changed_exchange_rates
    select
        tick, 'update', 'new', new.currency, new.rate_to_usd
    from elt_clock;
end;

drop trigger if exists current_exchange_rates_deleted;
create trigger current_exchange_rates_deleted after delete on current_exchange_rates
when (select recording from elt_watermarks where model = 'current_exchange_rates')
begin
    insert into changed_exchange_rates
    select
        tick, 'delete', 'old', old.currency, old.rate_to_usd
    from elt_clock;
end;

-- How one change is folded in; the conditions exclude each other.
drop view if exists fold_exchange_rates;
create view fold_exchange_rates as
select _seq, _op, _old_key, _absent from stg_exchange_rates;

create trigger fold_exchange_rates_write instead of insert on fold_exchange_rates
when new._op in ('insert', 'update') and new._old_key is null and new._absent is null
begin
    insert into current_exchange_rates (
        currency, rate_to_usd
    )
    select
        currency, rate_to_usd
    from stg_exchange_rates
    where _seq = new._seq
    on conflict (currency) do update
    set rate_to_usd = excluded.rate_to_usd
    where current_exchange_rates.rate_to_usd is distinct from excluded.rate_to_usd;
end;

create trigger fold_exchange_rates_patch instead of insert on fold_exchange_rates
when new._op in ('insert', 'update') and (new._old_key is not null or new._absent is not null)
begin
    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from current_exchange_rates
    where currency = (select currency from stg_exchange_rates where _seq = new._seq)
        and currency <> new._old_key ->> '$.currency'
        and exists (select 1 from current_exchange_rates where currency = new._old_key ->> '$.currency');

    update current_exchange_rates
    set currency = (select currency from stg_exchange_rates where _seq = new._seq)
    where currency = new._old_key ->> '$.currency';

    insert into current_exchange_rates (
        currency, rate_to_usd
    )
    select
        staged.currency,
        iif(instr(new._absent, ',rate_to_usd,'), held.rate_to_usd, staged.rate_to_usd)
    from stg_exchange_rates as staged
    left join current_exchange_rates as held on held.currency = staged.currency
    where staged._seq = new._seq
    on conflict (currency) do update
    set rate_to_usd = excluded.rate_to_usd
    where current_exchange_rates.rate_to_usd is distinct from excluded.rate_to_usd;
end;

create trigger fold_exchange_rates_delete instead of insert on fold_exchange_rates
when new._op = 'delete'
begin
    delete from current_exchange_rates
    where currency = (select currency from stg_exchange_rates where _seq = new._seq);
end;

create trigger fold_exchange_rates_truncate instead of insert on fold_exchange_rates
when new._op = 'truncate'
begin
    delete from current_exchange_rates;
end;

insert or ignore into elt_watermarks (model) values ('current_exchange_rates');

insert into fold_exchange_rates
select _seq, _op, _old_key, _absent
from stg_exchange_rates
where _seq > (select watermark from elt_watermarks where model = 'current_exchange_rates')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_exchange_rates';
