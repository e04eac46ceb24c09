-- why: one row a key is what everything that joins public.exchange_rates relies on
-- scope: all

select currency, count(*) as rows_of_key
from current_exchange_rates
group by currency
having count(*) > 1 or currency is null;
