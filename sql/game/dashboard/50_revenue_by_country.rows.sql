-- row: one purchase by a player of that country, the latest first
-- param: country text required
-- param: from date
-- param: to date

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
where users.country = :country
    and (:from is null or transactions.transaction_timestamp >= unixepoch(:from))
    and (:to is null or transactions.transaction_timestamp < unixepoch(:to, '+1 day'))
order by transactions.transaction_timestamp desc, transactions.transaction_id;
