-- row: the statistics of the game, for one day or for all, for one country or for all
-- route: GET /api/v1/game/stats
-- param: date date
-- param: country text
-- column: daily_active_users integer
-- column: logins integer
-- column: revenue_usd number
-- column: paid_users integer
-- column: average_sessions number
-- column: average_time_spent_seconds number
-- example: date=2010-05-08 country=DE

-- The day as seconds, from its start to the start of the next.
with period as (
    select
        coalesce(unixepoch(:date), -9223372036854775808) as begins,
        coalesce(unixepoch(:date, '+1 day'), 9223372036854775807) as ends
),

-- The sessions that began in the period, one row per user.
login as (
    select
        sessions.user_id,
        count(*) as logins,
        sum(sessions.session_valid) as valid_sessions,
        max(coalesce(users.marketing_campaign, '') <> '') as came_by_campaign
    from period
    join sessions on sessions.login_timestamp >= period.begins and sessions.login_timestamp < period.ends
    join users on users.user_id = sessions.user_id
    where :country is null or users.country = :country
    group by sessions.user_id
),

active as (
    select
        count(*) as users,
        coalesce(sum(logins), 0) as logins,
        coalesce(sum(came_by_campaign), 0) as paid_users,
        coalesce(sum(valid_sessions), 0) as valid_sessions,
        count(nullif(valid_sessions, 0)) as users_with_sessions
    from login
),

-- The seconds of valid sessions within the period, one row per user.
played as (
    select
        sessions.user_id,
        sum(min(sessions.logout_timestamp, period.ends) - max(sessions.login_timestamp, period.begins)) as seconds
    from period
    join sessions
        on sessions.session_valid
        and sessions.login_timestamp < period.ends
        and sessions.logout_timestamp > period.begins
    join users on users.user_id = sessions.user_id
    where :country is null or users.country = :country
    group by sessions.user_id
),

time_spent as (
    select
        coalesce(sum(seconds), 0) as seconds,
        count(*) as users
    from played
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

-- Rounded once, half up. Without the rate of a currency the revenue is not known.
revenue as (
    select
        iif(
            is_known,
            millions_e9 / 1000 + ((millions_e9 % 1000) * 1000000 + cents_e9 + 500000000) / 1000000000,
            null
        ) as cents
    from exchanged
)

select
    active.users as daily_active_users,
    active.logins,
    revenue.cents / 100.0 as revenue_usd,
    active.paid_users,
    (active.valid_sessions * 20000 + active.users_with_sessions) / (active.users_with_sessions * 2)
        / 10000.0 as average_sessions,
    (time_spent.seconds * 20000 + time_spent.users) / (time_spent.users * 2) / 10000.0 as average_time_spent_seconds
from active
cross join time_spent
cross join revenue;
