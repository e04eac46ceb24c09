-- upkeep: sql/card_spend/marts/transactions.sql
-- how: rows are only added; compared in full: never
-- scaffold: 1e8363cf3681dbc4

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
from (select * from stg_combined_transactions where _seq <= (select whole_seq from elt_stream)) as stg_combined_transactions;

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
from (select * from stg_combined_transactions where _seq > (select watermark from elt_watermarks where model = 'transactions') and _seq <= (select whole_seq from elt_stream)) as stg_combined_transactions
);

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'transactions';
