-- title: Highest balances
-- chart: table
-- width: half
-- row: one of the 10 accounts with the highest balance
-- why: which accounts hold the money; includes everything ever booked, whatever the period

select
    account_id,
    count(*) as movements,
    sum(
        case
            when kind = 'cash_in' then amount_cents
            when refunded_at is null then -amount_cents
            else 0
        end
    ) as balance_cents
from movements
group by account_id
order by balance_cents desc, account_id
limit 10;
