-- row: one card holder
-- key: user_id
-- why: who spends most, and how many spend at all, without reading every card transaction

select
    user_id,
    count(*) as transactions,
    count(distinct merchant_type_code) as merchant_types,
    sum(
        case transaction_type
            when 'PurchaseActivity' then amount_cents
            when 'ReturnActivity' then -amount_cents
        end
    ) as net_cents
from transactions
group by user_id;
