-- upkeep: sql/card_spend/marts/transactions.sql
-- how: rows are only added; compared in full: never
-- scaffold: c5ca2cd44c2267aa

-- What the mart is, as its file says it.
drop view if exists transactions_now;
create view transactions_now as
select
    _seq,
    user_id,
    transaction_type,
    merchant_type_code,
    amount_cents,
    datetime
from (
    select *
    from stg_combined_transactions
    where _seq <= (select whole_seq from elt_stream)
) as stg_combined_transactions;

-- What has landed is never changed or taken away, so a run adds the rows that are new. A first run adds all of them.
insert or ignore into elt_watermarks (model) values ('transactions');

delete from transactions
where rowid in (
        select transactions.rowid
        from elt_unfilled
        cross join transactions
        where elt_unfilled.model = 'transactions'
    );

insert into transactions (
    _seq, user_id, transaction_type, merchant_type_code, amount_cents, datetime
)
select
    _seq, user_id, transaction_type, merchant_type_code, amount_cents, datetime
from (
    select
        _seq,
        user_id,
        transaction_type,
        merchant_type_code,
        amount_cents,
        datetime
    from (
        select *
        from stg_combined_transactions
        where _seq > (select watermark from elt_watermarks where model = 'transactions')
            and _seq <= (select whole_seq from elt_stream)
    ) as stg_combined_transactions
);

-- What this run changes, for the marts that read this one.
create table if not exists changed_transactions (
    _tick integer not null,
    _op text not null,
    _image text not null,
    _seq integer,
    user_id integer,
    transaction_type text,
    merchant_type_code text,
    amount_cents integer,
    datetime text
) strict;

drop trigger if exists transactions_inserted;
create trigger transactions_inserted after insert on transactions
when (select recording from elt_watermarks where model = 'transactions')
begin
    insert into changed_transactions
    select
        tick, 'insert', 'new', new._seq, new.user_id, new.transaction_type, new.merchant_type_code,
        new.amount_cents, new.datetime
    from elt_clock;
end;

drop trigger if exists transactions_updated;
create trigger transactions_updated after update on transactions
when (select recording from elt_watermarks where model = 'transactions')
begin
    insert into changed_transactions
    select
        tick, 'update', 'old', old._seq, old.user_id, old.transaction_type, old.merchant_type_code,
        old.amount_cents, old.datetime
    from elt_clock;
    insert into changed_transactions
    select
        tick, 'update', 'new', new._seq, new.user_id, new.transaction_type, new.merchant_type_code,
        new.amount_cents, new.datetime
    from elt_clock;
end;

drop trigger if exists transactions_deleted;
create trigger transactions_deleted after delete on transactions
when (select recording from elt_watermarks where model = 'transactions')
begin
    insert into changed_transactions
    select
        tick, 'delete', 'old', old._seq, old.user_id, old.transaction_type, old.merchant_type_code,
        old.amount_cents, old.datetime
    from elt_clock;
end;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'transactions';
