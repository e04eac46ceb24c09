-- row: one event of that merchant account in that currency, the latest first
-- param: merchant_account text required
-- param: currency_code text required
-- param: from date
-- param: to date
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
where coalesce(processor_merchant_account_id, 'none') = :merchant_account
    and coalesce(currency_code, 'none') = :currency_code
    and (:from is null or created_at >= :from)
    and (:to is null or created_at < date(:to, '+1 day'))
order by created_at desc, event_id;
