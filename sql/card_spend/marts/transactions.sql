-- row: one card transaction
-- key: _seq
-- why: what the questions about users and merchant types are answered from

-- What it is. A landed row is never changed or taken away, so a run adds those that are new.
drop view if exists transactions_now;
create view transactions_now as
select
    _seq,
    user_id,
    transaction_type,
    merchant_type_code,
    amount_cents,
    datetime
from stg_combined_transactions;

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
select *
from transactions_now
where _seq > (select watermark from elt_watermarks where model = 'transactions')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'transactions';
