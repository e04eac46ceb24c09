-- why: the whole table must be what the view says now, also where no change was noticed
-- scope: all

-- Each row is looked up by its key: comparing the two as sets would sort both, and hold both in memory. What is too
-- much is found by the keys alone: asking the view for each of them would work it out once a row.
select
    iif(held.id is null, 'missing', 'different') as problem,
    definition.*
from metrics_now as definition
left join metrics as held on held.id = definition.id
where held.id is null
    or (
        held.flow_id, held.created_at, held.transaction_lifecycle_event, held.decline_reason, held.decline_type,
        held.payment_method, held.transaction_id, held.transaction_type, held.amount, held.currency_code,
        held.processor_merchant_account_id, held.three_d_secure_authentication, held.payment_instrument_type,
        held.customer_id
    ) is distinct from (
        definition.flow_id, definition.created_at, definition.transaction_lifecycle_event,
        definition.decline_reason, definition.decline_type, definition.payment_method, definition.transaction_id,
        definition.transaction_type, definition.amount, definition.currency_code,
        definition.processor_merchant_account_id, definition.three_d_secure_authentication,
        definition.payment_instrument_type, definition.customer_id
    )

union all

select
    'must not be there' as problem,
    surplus.*
from metrics as surplus
where surplus.id not in (select id from metrics_now);
