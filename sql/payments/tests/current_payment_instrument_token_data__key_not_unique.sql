-- why: one row a key is what everything that joins public.payment_instrument_token_data relies on
-- scope: all

select token_id, count(*) as rows_of_key
from current_payment_instrument_token_data
group by token_id
having count(*) > 1 or token_id is null;
