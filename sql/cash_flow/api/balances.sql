-- row: one account with its balance
-- route: GET /api/v1/cash_flow/balances
-- page: account_id
-- column: balance_cents integer

select
    account_id,
    sum(
        case
            when kind = 'cash_in' then amount_cents
            when refunded_at is null then -amount_cents
            else 0
        end
    ) as balance_cents
from movements
group by account_id
order by account_id;
