-- row: one cash-in or cash-out with all that its messages have told so far
-- key: transaction_id, kind
-- why: what the questions of the cash dashboard are answered from

-- 1. What a movement is.
drop view if exists movements_now;
create view movements_now as
select
    transaction_id,
    'cash_in' as kind,
    account_id,
    counterparty_account_id,
    amount as amount_cents,
    inserted_at as created_at,
    null as processed_at,
    null as refunded_at
from current_cash_ins

union all

select
    created.transaction_id,
    'cash_out' as kind,
    created.account_id,
    created.counterparty_account_id,
    created.amount as amount_cents,
    created.inserted_at as created_at,
    processed.inserted_at as processed_at,
    refunded.inserted_at as refunded_at
from current_cash_outs_created as created
left join current_cash_outs_processed as processed on processed.transaction_id = created.transaction_id
left join current_cash_outs_refunded as refunded on refunded.transaction_id = created.transaction_id;

-- 2. Which transactions the messages of this run reach.
create table if not exists movements_dirty (
    transaction_id text not null primary key
) strict, without rowid;

delete from movements_dirty;

insert or ignore into movements_dirty
select transaction_id
from changed_cash_ins

union all

select transaction_id
from changed_cash_outs_created

union all

select transaction_id
from changed_cash_outs_processed

union all

select transaction_id
from changed_cash_outs_refunded;

-- 3. Those are brought up to date. A first run fills the table at once.
insert or ignore into elt_watermarks (model) values ('movements');

-- The list of unfilled models comes first: where this one is not on it, no row is read.
delete from movements
where rowid in (
        select movements.rowid
        from elt_unfilled
        cross join movements
        where elt_unfilled.model = 'movements'
    );

insert into movements
select *
from movements_now
limit coalesce((select -1 from elt_unfilled where model = 'movements'), 0);

delete from movements
where transaction_id in (select transaction_id from movements_dirty)
    and (transaction_id, kind) not in (
        select
            transaction_id,
            kind
        from movements_now
        where transaction_id in (select transaction_id from movements_dirty)
    );

insert into movements
select *
from movements_now
where transaction_id in (select transaction_id from movements_dirty)
on conflict (transaction_id, kind) do update
set (account_id, counterparty_account_id, amount_cents, created_at, processed_at, refunded_at) = (
        excluded.account_id, excluded.counterparty_account_id, excluded.amount_cents, excluded.created_at,
        excluded.processed_at, excluded.refunded_at
    )
where (
        movements.account_id, movements.counterparty_account_id, movements.amount_cents, movements.created_at,
        movements.processed_at, movements.refunded_at
    ) is distinct from (
        excluded.account_id, excluded.counterparty_account_id, excluded.amount_cents, excluded.created_at,
        excluded.processed_at, excluded.refunded_at
    );

update elt_watermarks
set watermark = (
        select min(watermark)
        from elt_watermarks
        where model in (
            'current_cash_ins',
            'current_cash_outs_created',
            'current_cash_outs_processed',
            'current_cash_outs_refunded'
        )
    )
where model = 'movements';
