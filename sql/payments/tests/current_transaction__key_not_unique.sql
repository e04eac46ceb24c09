-- why: one row a key is what everything that joins public.transaction relies on
-- scope: all

select transaction_id, count(*) as rows_of_key
from current_transaction
group by transaction_id
having count(*) > 1 or transaction_id is null;
