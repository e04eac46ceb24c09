-- row: one decline for that reason, the latest first
-- param: reason text required
-- param: decline_type text required
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
where (decline_reason is not null or decline_type is not null)
    and coalesce(decline_reason, 'none given') = :reason
    and coalesce(decline_type, 'none given') = :decline_type
    and (:from is null or created_at >= :from)
    and (:to is null or created_at < date(:to, '+1 day'))
    and (:currency is null or currency_code = :currency)
order by created_at desc, id;
