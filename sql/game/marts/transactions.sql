-- row: one purchase
-- key: transaction_id
-- why: what the revenue is summed from

select
    event_id as transaction_id,
    user_id,
    event_timestamp as transaction_timestamp,
    amount,
    currency
from events
where discarded is null
    and event_type = 'transaction';
