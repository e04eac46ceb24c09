-- title: At a glance
-- chart: number
-- row: the whole period
-- why: is the game played, and does it earn
-- param: from date
-- param: to date
-- param: country text

-- The days as seconds, from the start of the first to the end of the last.
with period as (
    select
        coalesce(unixepoch(:from), -9223372036854775808) as begins,
        coalesce(unixepoch(:to, '+1 day'), 9223372036854775807) as ends
),

-- Added up before users are looked up: there are fewer of them than of sessions.
played as (
    select
        sessions.user_id,
        count(*) as logins,
        sum(sessions.session_valid) as valid_sessions,
        sum(iif(sessions.session_valid, sessions.session_length_seconds, 0)) as seconds
    from period
    join sessions on sessions.login_timestamp >= period.begins and sessions.login_timestamp < period.ends
    group by sessions.user_id
),

counted as (
    select
        count(*) as players,
        coalesce(sum(played.logins), 0) as logins,
        coalesce(sum(played.valid_sessions), 0) as valid_sessions,
        coalesce(sum(played.seconds), 0) as seconds,
        coalesce(sum(coalesce(users.marketing_campaign, '') <> ''), 0) as by_campaign
    from played
    join users on users.user_id = played.user_id
    where :country is null or users.country = :country
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
        transactions.currency,
        sum(cast(round(transactions.amount * 100) as integer)) as cents
    from period
    join transactions
        on transactions.transaction_timestamp >= period.begins
        and transactions.transaction_timestamp < period.ends
    join users on users.user_id = transactions.user_id
    where :country is null or users.country = :country
    group by transactions.currency
),

exchanged as (
    select
        count(*) = count(rate.rate_e9) as is_known,
        coalesce(sum((sold.cents / 1000000) * rate.rate_e9), 0) as millions_e9,
        coalesce(sum((sold.cents % 1000000) * rate.rate_e9), 0) as cents_e9
    from sold
    left join rate on rate.currency = sold.currency
),

revenue as (
    select
        iif(
            is_known,
            millions_e9 / 1000 + ((millions_e9 % 1000) * 1000000 + cents_e9 + 500000000) / 1000000000,
            null
        ) as cents
    from exchanged
),

buying as (
    select
        count(distinct transactions.user_id) as buyers
    from period
    join transactions
        on transactions.transaction_timestamp >= period.begins
        and transactions.transaction_timestamp < period.ends
    join users on users.user_id = transactions.user_id
    where :country is null or users.country = :country
)

-- Revenue is rounded once, half up, and so are the percentage (to hundredths) and the average (to seconds). Without the
-- rate of a currency the revenue is not known.
select
    counted.players,
    counted.logins,
    revenue.cents / 100.0 as revenue_usd,
    buying.buyers,
    (counted.by_campaign * 20000 + counted.players) / (counted.players * 2) / 100.0 as campaign_share_percent,
    counted.valid_sessions,
    (counted.seconds * 2 + counted.valid_sessions) / (counted.valid_sessions * 2) as average_session_seconds
from counted
cross join revenue
cross join buying;
