-- row: one purchase of that day, in the order of time
-- param: date date required
-- param: country text

select
    datetime(transactions.transaction_timestamp, 'unixepoch') as bought_at,
    transactions.transaction_id,
    transactions.amount,
    transactions.currency,
    transactions.user_id,
    users.name,
    users.country
from transactions
join users on users.user_id = transactions.user_id
where transactions.transaction_timestamp >= unixepoch(:date)
    and transactions.transaction_timestamp < unixepoch(:date, '+1 day')
    and (:country is null or users.country = :country)
order by transactions.transaction_timestamp, transactions.transaction_id;
