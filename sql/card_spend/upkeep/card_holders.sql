-- upkeep: sql/card_spend/marts/card_holders.sql
-- how: 1 arm (transactions); compared in full: never
-- scaffold: 322375317e1a6a97

-- What the mart is, as its file says it.
drop view if exists card_holders_now;
create view card_holders_now as
select
    user_id,
    count(*) as transactions,
    count(distinct merchant_type_code) as merchant_types,
    sum(
        case transaction_type
            when 'PurchaseActivity' then amount_cents
            when 'ReturnActivity' then -amount_cents
        end
    ) as net_cents
from transactions
group by user_id;

create table if not exists card_holders (
    user_id integer not null,
    transactions integer,
    merchant_types integer,
    net_cents any
) strict;

-- 1. Which keys the changes of this run reach: as rows were, and as they are.
create table if not exists card_holders_dirty (
    user_id integer not null,
    primary key (user_id)
) strict, without rowid;

delete from card_holders_dirty;

insert or ignore into card_holders_dirty (user_id)
select changed_transactions.user_id
from changed_transactions;

-- A first run fills the table at once. The list of unfilled models comes first: where this one is not on it, no row is
-- read.
insert or ignore into elt_watermarks (model) values ('card_holders');

delete from card_holders
where rowid in (
        select card_holders.rowid
        from elt_unfilled
        cross join card_holders
        where elt_unfilled.model = 'card_holders'
    );

insert into card_holders (
    user_id, transactions, merchant_types, net_cents
)
select
    user_id, transactions, merchant_types, net_cents
from card_holders_now
limit coalesce((select -1 from elt_unfilled where model = 'card_holders'), 0);

-- Only now: made at once, by a sort, it costs a fraction of what it costs row by row.
create unique index if not exists key_card_holders on card_holders (user_id);

-- 2. The definition asked for those keys alone. A key that is null or there twice stops the run here.
create table if not exists card_holders_fresh (
    user_id integer not null,
    transactions integer,
    merchant_types integer,
    net_cents any,
    primary key (user_id)
) strict, without rowid;

delete from card_holders_fresh;

insert into card_holders_fresh (
    user_id, transactions, merchant_types, net_cents
)
select
    user_id, transactions, merchant_types, net_cents
from (
    select
        user_id,
        count(*) as transactions,
        count(distinct merchant_type_code) as merchant_types,
        sum(
            case transaction_type
                when 'PurchaseActivity' then amount_cents
                when 'ReturnActivity' then -amount_cents
            end
        ) as net_cents
    from transactions
    where user_id in (select user_id from card_holders_dirty)
    group by user_id
);

-- 3. The table is made equal to it: rows that are gone are deleted, others written where they differ.
delete from card_holders
where user_id in (select user_id from card_holders_dirty)
    and not exists (
        select 1
        from card_holders_fresh
        where card_holders_fresh.user_id = card_holders.user_id
    );

insert into card_holders (
    user_id, transactions, merchant_types, net_cents
)
select
    user_id, transactions, merchant_types, net_cents
from card_holders_fresh
where true
on conflict (user_id) do update
set (
        transactions, merchant_types, net_cents
    ) = (
        excluded.transactions, excluded.merchant_types, excluded.net_cents
    )
where (
        card_holders.transactions, card_holders.merchant_types, card_holders.net_cents
    ) is distinct from (
        excluded.transactions, excluded.merchant_types, excluded.net_cents
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
where model = 'card_holders';
