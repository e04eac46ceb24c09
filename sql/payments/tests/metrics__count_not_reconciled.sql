-- why: as many metrics as events that have a transaction and a request with its token, counted without the view
-- scope: all

with complete_event as (
    select event.event_id
    from current_event_v2_data as event
    where exists (select 1 from current_transaction as payment where payment.transaction_id = event.transaction_id)
        and exists (
            select 1
            from current_transaction_request as request
            where request.flow_id = event.flow_id
                and request.token_id in (select token_id from current_payment_instrument_token_data)
        )
),

counted as (
    select
        (select count(*) from complete_event) as events,
        (select count(*) from metrics) as metrics
)

select *
from counted
where events <> metrics;
