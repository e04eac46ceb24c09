-- why: the whole table must be what the view says now, also where no change was noticed
-- scope: all

-- Each row is looked up by its key: comparing the two as sets would sort both, and hold both in memory. The view is
-- worked out once, for the counts; only where something is wrong they let it be asked again for the rows.
with compared as not materialized (
    select
        definition.*,
        held.rowid as held_row,
        (
            held.id, held.flow_id, held.created_at, held.transaction_lifecycle_event, held.decline_reason,
            held.decline_type, held.payment_method, held.transaction_id, held.transaction_type, held.amount,
            held.currency_code, held.processor_merchant_account_id, held.three_d_secure_authentication,
            held.payment_instrument_type, held.customer_id
        ) is distinct from (
            definition.id, definition.flow_id, definition.created_at, definition.transaction_lifecycle_event,
            definition.decline_reason, definition.decline_type, definition.payment_method, definition.transaction_id,
            definition.transaction_type, definition.amount, definition.currency_code,
            definition.processor_merchant_account_id, definition.three_d_secure_authentication,
            definition.payment_instrument_type, definition.customer_id
        ) as is_wrong
    from metrics_now as definition
    left join metrics as held on held.id = definition.id
),

counted as materialized (
    select
        count(distinct held_row) as found,
        coalesce(sum(is_wrong), 0) as wrong
    from compared
)

select
    iif(compared.held_row is null, 'missing', 'different') as problem,
    compared.*
from counted
cross join compared
where counted.wrong > 0
    and compared.is_wrong

union all

-- Where the view finds each row of the table, there are no others.
select
    'must not be there' as problem,
    surplus.*,
    null as held_row,
    null as is_wrong
from counted
cross join metrics as surplus
where (counted.wrong > 0 or counted.found <> (select count(*) from metrics))
    and surplus.id not in (select id from metrics_now);
