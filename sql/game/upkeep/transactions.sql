-- upkeep: sql/game/marts/transactions.sql
-- how: 1 arm (events); compared in full: never
-- scaffold: 3b34c7ee8b6e392a

-- What the mart is, as its file says it.
drop view if exists transactions_now;
create view transactions_now as
select
    event_id as transaction_id,
    user_id,
    event_timestamp as transaction_timestamp,
    amount,
    currency
from events
where discarded is null
    and event_type = 'transaction';

-- 1. Which keys the changes of this run reach: as rows were, and as they are.
create table if not exists transactions_dirty (
    transaction_id integer,
    unique (transaction_id)
) strict;

delete from transactions_dirty;

insert or ignore into transactions_dirty (transaction_id)
select changed_events.event_id
from changed_events
where changed_events.discarded is null
    and changed_events.event_type = 'transaction';

-- A first run fills the table at once. The list of unfilled models comes first: where this one is not on it, no row is
-- read.
insert or ignore into elt_watermarks (model) values ('transactions');

delete from transactions
where rowid in (
        select transactions.rowid
        from elt_unfilled
        cross join transactions
        where elt_unfilled.model = 'transactions'
    );

insert into transactions (
    transaction_id, user_id, transaction_timestamp, amount, currency
)
select
    transaction_id, user_id, transaction_timestamp, amount, currency
from transactions_now
limit coalesce((select -1 from elt_unfilled where model = 'transactions'), 0);

-- 2. The definition asked for those keys alone. A key that is null or there twice stops the run here.
create table if not exists transactions_fresh (
    transaction_id integer not null,
    user_id text,
    transaction_timestamp integer,
    amount real,
    currency text,
    primary key (transaction_id)
) strict, without rowid;

delete from transactions_fresh;

insert into transactions_fresh (
    transaction_id, user_id, transaction_timestamp, amount, currency
)
select
    transaction_id, user_id, transaction_timestamp, amount, currency
from (
    select
        event_id as transaction_id,
        user_id,
        event_timestamp as transaction_timestamp,
        amount,
        currency
    from events
    where discarded is null
        and event_type = 'transaction'
        and event_id in (select transaction_id from transactions_dirty)
);

-- Where a key that is null was reached: a row that has one stops the run here.
insert into transactions_fresh (
    transaction_id, user_id, transaction_timestamp, amount, currency
)
select
    transaction_id, user_id, transaction_timestamp, amount, currency
from transactions_now
where (transaction_id is null)
limit iif(
    exists (
        select 1
        from transactions_dirty
        where transaction_id is null
    ),
    1,
    0
);

-- 3. The table is made equal to it: rows that are gone are deleted, others written where they differ.
delete from transactions
where transaction_id in (select transaction_id from transactions_dirty)
    and not exists (
        select 1
        from transactions_fresh
        where transactions_fresh.transaction_id = transactions.transaction_id
    );

insert into transactions (
    transaction_id, user_id, transaction_timestamp, amount, currency
)
select
    transaction_id, user_id, transaction_timestamp, amount, currency
from transactions_fresh
where true
on conflict (transaction_id) do update
set (
        user_id, transaction_timestamp, amount, currency
    ) = (
        excluded.user_id, excluded.transaction_timestamp, excluded.amount, excluded.currency
    )
where (
        transactions.user_id, transactions.transaction_timestamp, transactions.amount, transactions.currency
    ) is distinct from (
        excluded.user_id, excluded.transaction_timestamp, excluded.amount, excluded.currency
    );

update elt_watermarks
set watermark = coalesce(
        (
            select min(watermark)
            from elt_watermarks
            where model in ('events')
        ),
        (select whole_seq from elt_stream)
    )
where model = 'transactions';
