-- why: one row a key is what everything that joins public.transaction_request relies on
-- scope: all

select transaction_request_id, count(*) as rows_of_key
from current_transaction_request
group by transaction_request_id
having count(*) > 1 or transaction_request_id is null;
