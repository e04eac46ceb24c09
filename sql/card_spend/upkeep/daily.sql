-- upkeep: sql/card_spend/marts/daily.sql
-- how: 1 arm (transactions); compared in full: never
-- scaffold: bfbc67d2829115c5

-- What the mart is, as its file says it.
drop view if exists daily_now;
create view daily_now as
-- The day is cut from the text: SQLite's time functions would round 23:59:59.9999 up to the next day.
select
    substr(datetime, 1, 10) as date,
    merchant_type_code,
    transaction_type,
    count(*) as card_transactions,
    sum(amount_cents) as amount_cents
from transactions
group by substr(datetime, 1, 10), merchant_type_code, transaction_type;

create table if not exists daily (
    date text not null,
    merchant_type_code text not null,
    transaction_type text not null,
    card_transactions integer,
    amount_cents integer
) strict;

-- 1. Which keys the changes of this run reach: as rows were, and as they are.
create table if not exists daily_dirty (
    date text,
    merchant_type_code text,
    transaction_type text,
    unique (date, merchant_type_code, transaction_type)
) strict;

delete from daily_dirty;

insert or ignore into daily_dirty (date, merchant_type_code, transaction_type)
select
    substr(changed_transactions.datetime, 1, 10), changed_transactions.merchant_type_code,
    changed_transactions.transaction_type
from changed_transactions;

-- A first run fills the table at once. The list of unfilled models comes first: where this one is not on it, no row is
-- read.
insert or ignore into elt_watermarks (model) values ('daily');

delete from daily
where rowid in (
        select daily.rowid
        from elt_unfilled
        cross join daily
        where elt_unfilled.model = 'daily'
    );

insert into daily (
    date, merchant_type_code, transaction_type, card_transactions, amount_cents
)
select
    date, merchant_type_code, transaction_type, card_transactions, amount_cents
from daily_now
limit coalesce((select -1 from elt_unfilled where model = 'daily'), 0);

-- Only now: made at once, by a sort, it costs a fraction of what it costs row by row.
create unique index if not exists key_daily on daily (date, merchant_type_code, transaction_type);

-- 2. The definition asked for those keys alone. A key that is null or there twice stops the run here.
create table if not exists daily_fresh (
    date text not null,
    merchant_type_code text not null,
    transaction_type text not null,
    card_transactions integer,
    amount_cents integer,
    primary key (date, merchant_type_code, transaction_type)
) strict, without rowid;

delete from daily_fresh;

insert into daily_fresh (
    date, merchant_type_code, transaction_type, card_transactions, amount_cents
)
select
    date, merchant_type_code, transaction_type, card_transactions, amount_cents
from (
    select
        substr(datetime, 1, 10) as date,
        merchant_type_code,
        transaction_type,
        count(*) as card_transactions,
        sum(amount_cents) as amount_cents
    from transactions
    where substr(datetime, 1, 10) in (select +date from daily_dirty)
        and (substr(datetime, 1, 10), merchant_type_code, transaction_type) in (
            select date, merchant_type_code, transaction_type from daily_dirty
        )
    group by substr(datetime, 1, 10), merchant_type_code, transaction_type
);

-- Where a key that is null was reached: a row that has one stops the run here.
insert into daily_fresh (
    date, merchant_type_code, transaction_type, card_transactions, amount_cents
)
select
    date, merchant_type_code, transaction_type, card_transactions, amount_cents
from daily_now
where (date is null or merchant_type_code is null or transaction_type is null)
limit iif(
    exists (
        select 1
        from daily_dirty
        where date is null or merchant_type_code is null or transaction_type is null
    ),
    1,
    0
);

-- 3. The table is made equal to it: rows that are gone are deleted, others written where they differ.
delete from daily
where (date, merchant_type_code, transaction_type) in (
        select date, merchant_type_code, transaction_type from daily_dirty
    )
    and not exists (
        select 1
        from daily_fresh
        where daily_fresh.date = daily.date
            and daily_fresh.merchant_type_code = daily.merchant_type_code
            and daily_fresh.transaction_type = daily.transaction_type
    );

insert into daily (
    date, merchant_type_code, transaction_type, card_transactions, amount_cents
)
select
    date, merchant_type_code, transaction_type, card_transactions, amount_cents
from daily_fresh
where true
on conflict (date, merchant_type_code, transaction_type) do update
set (
        card_transactions, amount_cents
    ) = (
        excluded.card_transactions, excluded.amount_cents
    )
where (
        daily.card_transactions, daily.amount_cents
    ) is distinct from (
        excluded.card_transactions, excluded.amount_cents
    );

update elt_watermarks
set watermark = coalesce(
        (
            select min(watermark)
            from elt_watermarks
            where model in ('transactions')
        ),
        (select whole_seq from elt_stream)
    )
where model = 'daily';
