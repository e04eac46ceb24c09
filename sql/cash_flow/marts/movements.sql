-- row: one cash-in or cash-out with all that its messages have told so far
-- key: transaction_id, kind
-- why: what the questions of the cash dashboard are answered from

select
    transaction_id,
    'cash_in' as kind,
    account_id,
    counterparty_account_id,
    amount as amount_cents,
    inserted_at as created_at,
    null as processed_at,
    null as refunded_at
from current_cash_ins

union all

select
    created.transaction_id,
    'cash_out' as kind,
    created.account_id,
    created.counterparty_account_id,
    created.amount as amount_cents,
    created.inserted_at as created_at,
    processed.inserted_at as processed_at,
    refunded.inserted_at as refunded_at
from current_cash_outs_created as created
left join current_cash_outs_processed as processed on processed.transaction_id = created.transaction_id
left join current_cash_outs_refunded as refunded on refunded.transaction_id = created.transaction_id;
