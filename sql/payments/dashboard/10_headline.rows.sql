-- row: one event of the period, the latest first
-- param: column text
-- param: from date
-- param: to date
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
where (:from is null or created_at >= :from)
    and (:to is null or created_at < date(:to, '+1 day'))
    and (:currency is null or currency_code = :currency)
    -- What the tile counts; the rate is of both kinds.
    and case :column
        when 'customers' then customer_id is not null
        when 'authorised' then transaction_lifecycle_event = 'AUTHORIZATION_SUCCEEDED'
        when 'refused' then transaction_lifecycle_event in ('AUTHORIZATION_DECLINED', 'AUTHORIZATION_FAILED')
        when 'authorisation_rate_percent' then transaction_lifecycle_event in (
            'AUTHORIZATION_SUCCEEDED', 'AUTHORIZATION_DECLINED', 'AUTHORIZATION_FAILED'
        )
        when 'hard_declines' then decline_type = 'HARD_DECLINE'
        else true
    end
order by created_at desc, event_id;
