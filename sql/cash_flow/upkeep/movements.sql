-- upkeep: sql/cash_flow/marts/movements.sql
-- how: 4 arms (current_cash_ins, current_cash_outs_created, current_cash_outs_processed, current_cash_outs_refunded); compared in full: never
-- scaffold: 5625dee138fcdbfb

-- What the mart is, as its file says it.
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

-- 1. Which keys the changes of this run reach: as rows were, and as they are.
create table if not exists movements_dirty (
    transaction_id text not null,
    kind text not null,
    primary key (transaction_id, kind)
) strict, without rowid;

delete from movements_dirty;

insert or ignore into movements_dirty (transaction_id, kind)
select changed_cash_ins.transaction_id, 'cash_in'
from changed_cash_ins

union all

select changed_cash_outs_created.transaction_id, 'cash_out'
from changed_cash_outs_created

union all

select changed_cash_outs_processed.transaction_id, 'cash_out'
from changed_cash_outs_processed

union all

select changed_cash_outs_refunded.transaction_id, 'cash_out'
from changed_cash_outs_refunded;

-- A first run fills the table at once. The list of unfilled models comes first: where this one is not on it, no row is
-- read.
insert or ignore into elt_watermarks (model) values ('movements');

delete from movements
where rowid in (
        select movements.rowid
        from elt_unfilled
        cross join movements
        where elt_unfilled.model = 'movements'
    );

insert into movements (
    transaction_id, kind, account_id, counterparty_account_id, amount_cents, created_at, processed_at,
    refunded_at
)
select
    transaction_id, kind, account_id, counterparty_account_id, amount_cents, created_at, processed_at,
    refunded_at
from movements_now
limit coalesce((select -1 from elt_unfilled where model = 'movements'), 0);

-- 2. The definition asked for those keys alone. A key that is null or there twice stops the run here.
create table if not exists movements_fresh (
    transaction_id text not null,
    kind text not null,
    account_id text,
    counterparty_account_id text,
    amount_cents integer,
    created_at integer,
    processed_at integer,
    refunded_at integer,
    primary key (transaction_id, kind)
) strict, without rowid;

delete from movements_fresh;

insert into movements_fresh (
    transaction_id, kind, account_id, counterparty_account_id, amount_cents, created_at, processed_at,
    refunded_at
)
select
    transaction_id, kind, account_id, counterparty_account_id, amount_cents, created_at, processed_at,
    refunded_at
from (
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
    where transaction_id in (select transaction_id from movements_dirty)
        and (transaction_id, 'cash_in') in (select transaction_id, kind from movements_dirty)

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
    left join current_cash_outs_refunded as refunded on refunded.transaction_id = created.transaction_id
    where created.transaction_id in (select transaction_id from movements_dirty)
        and (created.transaction_id, 'cash_out') in (select transaction_id, kind from movements_dirty)
);

-- 3. The table is made equal to it: rows that are gone are deleted, others written where they differ.
delete from movements
where (transaction_id, kind) in (select transaction_id, kind from movements_dirty)
    and not exists (
        select 1
        from movements_fresh
        where movements_fresh.transaction_id = movements.transaction_id
            and movements_fresh.kind = movements.kind
    );

insert into movements (
    transaction_id, kind, account_id, counterparty_account_id, amount_cents, created_at, processed_at,
    refunded_at
)
select
    transaction_id, kind, account_id, counterparty_account_id, amount_cents, created_at, processed_at,
    refunded_at
from movements_fresh
where true
on conflict (transaction_id, kind) do update
set (
        account_id, counterparty_account_id, amount_cents, created_at, processed_at, refunded_at
    ) = (
        excluded.account_id, excluded.counterparty_account_id, excluded.amount_cents, excluded.created_at,
        excluded.processed_at, excluded.refunded_at
    )
where (
        movements.account_id, movements.counterparty_account_id, movements.amount_cents,
        movements.created_at, movements.processed_at, movements.refunded_at
    ) is distinct from (
        excluded.account_id, excluded.counterparty_account_id, excluded.amount_cents, excluded.created_at,
        excluded.processed_at, excluded.refunded_at
    );

update elt_watermarks
set watermark = coalesce(
        (
            select min(watermark)
            from elt_watermarks
            where model in (
                'current_cash_ins', 'current_cash_outs_created', 'current_cash_outs_processed',
                'current_cash_outs_refunded'
            )
        ),
        (select whole_seq from elt_stream)
    )
where model = 'movements';
