-- row: one token of that type
-- param: instrument_type text required

select
    token_id,
    token_type,
    payment_instrument_type,
    multi_use_token_id
from current_payment_instrument_token_data
where coalesce(payment_instrument_type, 'none') = :instrument_type
order by token_id;
