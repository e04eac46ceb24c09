-- row: one day, merchant type and kind of card transaction
-- key: date, merchant_type_code, transaction_type
-- why: what the figures of whole days are added up from, instead of from every card transaction

-- The day is cut from the text: SQLite's time functions would round 23:59:59.9999 up to the next day.
select
    substr(datetime, 1, 10) as date,
    merchant_type_code,
    transaction_type,
    count(*) as card_transactions,
    sum(amount_cents) as amount_cents
from transactions
group by substr(datetime, 1, 10), merchant_type_code, transaction_type;
