-- row: one card transaction
-- key: _seq
-- why: what the questions about users and merchant types are answered from

select
    _seq,
    user_id,
    transaction_type,
    merchant_type_code,
    amount_cents,
    datetime
from stg_combined_transactions;
