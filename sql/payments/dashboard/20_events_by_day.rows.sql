-- row: one event of the day and of that step of the lifecycle
-- param: date date required
-- param: lifecycle_event text required
-- param: currency text
-- unit: amount minor units

select
    created_at,
    event_id,
    transaction_lifecycle_event,
    decline_type,
    decline_reason,
    transaction_id,
    amount,
    currency_code,
    payment_method,
    payment_instrument_type
from metrics
where created_at >= :date
    and created_at < date(:date, '+1 day')
    and coalesce(transaction_lifecycle_event, 'none') = :lifecycle_event
    and (:currency is null or currency_code = :currency)
order by created_at, event_id;
