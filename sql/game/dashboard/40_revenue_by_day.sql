-- title: Revenue by day
-- chart: bar
-- unit: USD
-- grain: sum
-- width: two-thirds
-- row: one day (UTC) with at least one purchase
-- why: every purchase at the rate of its currency; rounded once a day
-- param: from date
-- param: to date
-- param: country text

-- The days as seconds, from the start of the first to the end of the last.
with period as (
    select
        coalesce(unixepoch(:from), -9223372036854775808) as begins,
        coalesce(unixepoch(:to, '+1 day'), 9223372036854775807) as ends
),

-- Revenue in integer arithmetic: cents, and the rate in units of 10^-9. Cents are split at a million, so that no
-- product exceeds 64 bits.
rate as (
    select
        currency,
        cast(substr(rate_to_usd, 1, instr(rate_to_usd || '.', '.') - 1) as integer) * 1000000000
            + cast(substr(substr(rate_to_usd, instr(rate_to_usd || '.', '.') + 1) || '000000000', 1, 9) as integer)
            as rate_e9
    from current_exchange_rates
),

sold as (
    select
        date(transactions.transaction_timestamp, 'unixepoch') as date,
        transactions.currency,
        sum(cast(round(transactions.amount * 100) as integer)) as cents
    from period
    join transactions
        on transactions.transaction_timestamp >= period.begins
        and transactions.transaction_timestamp < period.ends
    join users on users.user_id = transactions.user_id
    where :country is null or users.country = :country
    group by date, transactions.currency
),

exchanged as (
    select
        sold.date,
        count(*) = count(rate.rate_e9) as is_known,
        coalesce(sum((sold.cents / 1000000) * rate.rate_e9), 0) as millions_e9,
        coalesce(sum((sold.cents % 1000000) * rate.rate_e9), 0) as cents_e9
    from sold
    left join rate on rate.currency = sold.currency
    group by sold.date
)

select
    date,
    iif(
        is_known,
        millions_e9 / 1000 + ((millions_e9 % 1000) * 1000000 + cents_e9 + 500000000) / 1000000000,
        null
    ) / 100.0 as revenue_usd
from exchanged
order by date;
