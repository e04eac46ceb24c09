-- row: one cash-out that was created and neither processed nor refunded, the oldest first
-- route: GET /api/v1/cash_flow/pending
-- page: created_at, transaction_id

select
    transaction_id,
    account_id,
    amount_cents,
    created_at
from movements
where kind = 'cash_out'
    and processed_at is null
    and refunded_at is null
order by created_at, transaction_id;
