-- why: as many metrics as events that have a transaction and a request with its token, counted without the view
-- scope: all

-- Many events share a flow and a transaction: each of these is asked for once, and counts for its events.
with event_flow as (
    select flow_id, count(*) as events
    from current_event
    group by flow_id
),

requested as (
    select coalesce(sum(event_flow.events), 0) as events
    from event_flow
    where exists (
            select 1
            from current_transaction_request as request
            where request.flow_id = event_flow.flow_id
                and request.token_id in (select transaction_id from current_payment_instrument_token)
        )
),

missing_transaction as (
    select mentioned.transaction_id
    from (select distinct transaction_id from current_event) as mentioned
    where not exists (
            select 1 from current_transaction as payment where payment.transaction_id = mentioned.transaction_id
        )
),

requested_without_transaction as (
    select count(*) as events
    from missing_transaction as missing
    cross join current_event as event on event.transaction_id is missing.transaction_id
    where exists (
            select 1
            from current_transaction_request as request
            where request.flow_id = event.flow_id
                and request.token_id in (select transaction_id from current_payment_instrument_token)
        )
),

counted as (
    select
        requested.events - requested_without_transaction.events as events,
        (select count(*) from metrics) as metrics
    from requested
    cross join requested_without_transaction
)

select *
from counted
where events <> metrics;
