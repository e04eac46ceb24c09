-- why: one row a key is what everything that joins public.cash_ins relies on
-- scope: all

select transaction_id, count(*) as rows_of_key
from current_cash_ins
group by transaction_id
having count(*) > 1 or transaction_id is null;
