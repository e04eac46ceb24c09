-- why: one row a key is what everything that joins public.payment_instrument_token relies on
-- scope: all

select transaction_id, count(*) as rows_of_key
from current_payment_instrument_token
group by transaction_id
having count(*) > 1 or transaction_id is null;
