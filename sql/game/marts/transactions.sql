-- row: one purchase
-- key: transaction_id
-- why: what the revenue is summed from

-- 1. What it is.
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

-- 2. Which rows the events of this run reach: as they were and as they are.
create table if not exists transactions_dirty (
    transaction_id integer not null primary key
) strict, without rowid;

delete from transactions_dirty;

insert or ignore into transactions_dirty
select event_id
from changed_events
where event_id is not null;

-- 3. Those are brought up to date. A first run fills the table at once.
insert or ignore into elt_watermarks (model) values ('transactions');

-- The list of unfilled models comes first: where this one is not on it, no row is read.
delete from transactions
where rowid in (
        select transactions.rowid
        from elt_unfilled
        cross join transactions
        where elt_unfilled.model = 'transactions'
    );

insert into transactions
select transactions_now.*
from elt_unfilled
cross join transactions_now
where elt_unfilled.model = 'transactions';

delete from transactions
where transaction_id in (select transaction_id from transactions_dirty)
    and not exists (select 1 from transactions_now where transactions_now.transaction_id = transactions.transaction_id);

insert into transactions
select transactions_now.*
from transactions_dirty
cross join transactions_now on transactions_now.transaction_id = transactions_dirty.transaction_id
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
set watermark = (select watermark from elt_watermarks where model = 'events')
where model = 'transactions';
