-- row: the statistics of one user, for one day or for all; no row for a user who never registered
-- route: GET /api/v1/users/{userId}/stats
-- param: userId text required
-- param: date date
-- no_row: not found
-- column: country text
-- column: name text
-- column: logins integer
-- column: days_since_last_login integer
-- column: sessions integer
-- column: time_spent_seconds integer
-- example: userId=002b4b4c-5fbf-1e16-a736-f4fcb7cfd891

with chosen_user as (
    select user_id, country, name
    from users
    where user_id = :userId
),

-- The day as seconds, from its start to the start of the next.
period as (
    select
        coalesce(unixepoch(:date), -9223372036854775808) as begins,
        coalesce(unixepoch(:date, '+1 day'), 9223372036854775807) as ends,
        coalesce(
            :date,
            (select date(event_timestamp, 'unixepoch') from events_last)
        ) as last_day
),

-- The last session that began before the end of the period.
last_session as (
    select max(sessions.login_timestamp) as login_timestamp
    from period
    join sessions on sessions.user_id = :userId and sessions.login_timestamp < period.ends
),

counted as (
    select
        count(*) as logins,
        coalesce(sum(sessions.session_valid), 0) as valid_sessions
    from period
    join sessions
        on sessions.user_id = :userId
        and sessions.login_timestamp >= period.begins
        and sessions.login_timestamp < period.ends
),

played as (
    select
        coalesce(
            sum(min(sessions.logout_timestamp, period.ends) - max(sessions.login_timestamp, period.begins)), 0
        ) as seconds
    from period
    join sessions
        on sessions.user_id = :userId
        and sessions.session_valid
        and sessions.login_timestamp < period.ends
        and sessions.logout_timestamp > period.begins
)

select
    chosen_user.country,
    chosen_user.name,
    counted.logins,
    cast(
        julianday(period.last_day) - julianday(date(last_session.login_timestamp, 'unixepoch')) as integer
    ) as days_since_last_login,
    counted.valid_sessions as sessions,
    played.seconds as time_spent_seconds
from chosen_user
cross join period
cross join last_session
cross join counted
cross join played;
