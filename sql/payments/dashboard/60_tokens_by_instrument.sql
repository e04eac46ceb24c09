-- title: Tokens by instrument type
-- chart: bar
-- unit: tokens
-- width: third
-- row: one type of payment instrument
-- why: what people pay with; counts all tokens, whatever the period

select
    coalesce(payment_instrument_type, 'none') as instrument_type,
    count(*) as tokens
from current_payment_instrument_token_data
group by instrument_type
order by tokens desc, instrument_type;
