-- row: one event of that step of the lifecycle, the latest first
-- param: lifecycle_event text required
-- param: from date
-- param: to date
-- param: currency text
-- unit: amount minor units

select
    created_at,
    id,
    transaction_lifecycle_event,
    decline_type,
    decline_reason,
    transaction_id,
    amount,
    currency_code,
    payment_method,
    payment_instrument_type
from metrics
where coalesce(transaction_lifecycle_event, 'none') = :lifecycle_event
    and (:from is null or created_at >= :from)
    and (:to is null or created_at < date(:to, '+1 day'))
    and (:currency is null or currency_code = :currency)
order by created_at desc, id;
