-- row: one payment event with its transaction, its request and its payment instrument
-- key: id
-- why: what the older payments dashboard counts: events by lifecycle, declines by reason, amounts by currency

-- Several requests may share a flow: of those that have their token the one with the greatest id counts.
-- Asked once for each request, which is rarer than once for each event.
with request as (
    select
        flow_id,
        token_id,
        vault_options
    from current_transaction_request as asked
    where not exists (
        select 1
        from current_transaction_request as later
        join current_payment_instrument_token as held on held.transaction_id = later.token_id
        where later.flow_id = asked.flow_id
            and later.transaction_request_id > asked.transaction_request_id
    )
)

select
    event.id,
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
from current_event as event
join current_transaction as payment on payment.transaction_id = event.transaction_id
join request on request.flow_id = event.flow_id
join current_payment_instrument_token as token on token.transaction_id = request.token_id;
