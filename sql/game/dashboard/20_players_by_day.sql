-- title: Players and logins by day
-- chart: line
-- width: two-thirds
-- row: one day (UTC): how many players logged in, and how often
-- why: the pulse of the game
-- param: from date
-- param: to date
-- param: country text

-- The days as seconds, from the start of the first to the end of the last.
with period as (
    select
        coalesce(unixepoch(:from), -9223372036854775808) as begins,
        coalesce(unixepoch(:to, '+1 day'), 9223372036854775807) as ends
)

select
    date(sessions.login_timestamp, 'unixepoch') as date,
    count(distinct sessions.user_id) as players,
    count(*) as logins
from period
join sessions on sessions.login_timestamp >= period.begins and sessions.login_timestamp < period.ends
join users on users.user_id = sessions.user_id
where :country is null or users.country = :country
group by date
order by date;
