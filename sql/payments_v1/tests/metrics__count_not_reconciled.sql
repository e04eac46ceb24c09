-- why: as many metrics as events that have a transaction and a request with its token, counted without the view
-- scope: all

with complete_event as (
    select id
    from current_event
    where transaction_id in (select transaction_id from current_transaction)
        and flow_id in (
            select flow_id
            from current_transaction_request
            where token_id in (select transaction_id from current_payment_instrument_token)
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
