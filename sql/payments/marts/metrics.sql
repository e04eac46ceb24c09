-- row: one payment event with its transaction, its request and its payment instrument
-- key: event_id
-- why: what the payments dashboard counts: events by lifecycle, declines by reason, amounts by currency

-- Several requests may share a flow: the latest one that has its token counts.
with request as (
    select
        asked.flow_id,
        asked.token_id,
        asked.vault_options
    from current_transaction_request as asked
    where asked.transaction_request_id = (
        select latest.transaction_request_id
        from current_transaction_request as latest
        join current_payment_instrument_token_data as held on held.token_id = latest.token_id
        where latest.flow_id = asked.flow_id
        order by latest.created_at desc nulls last, latest.transaction_request_id desc
        limit 1
    )
)

select
    event.event_id,
    event.flow_id,
    event.created_at,
    event.transaction_lifecycle_event,
    json_text(event.error_details, '$.decline_reason') as decline_reason,
    json_text(event.error_details, '$.decline_type') as decline_type,
    json_text(request.vault_options, '$.payment_method') as payment_method,
    payment.transaction_id,
    payment.transaction_type,
    payment.amount,
    payment.currency_code,
    payment.processor_merchant_account_id,
    token.three_d_secure_authentication,
    token.payment_instrument_type,
    json_text(token.vault_data, '$.customer_id') as customer_id
from current_event_v2_data as event
join current_transaction as payment on payment.transaction_id = event.transaction_id
join request on request.flow_id = event.flow_id
join current_payment_instrument_token_data as token on token.token_id = request.token_id;
