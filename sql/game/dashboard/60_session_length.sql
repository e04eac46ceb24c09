-- title: How long sessions last
-- chart: bar
-- unit: sessions
-- width: half
-- row: one range of length, the shortest first
-- why: sessions of a second or less, and those still open, are not valid: they count as logins only
-- param: from date
-- param: to date
-- param: country text

-- The days as seconds, from the start of the first to the end of the last.
with period as (
    select
        coalesce(unixepoch(:from), -9223372036854775808) as begins,
        coalesce(unixepoch(:to, '+1 day'), 9223372036854775807) as ends
),

placed as (
    select
        case
            when sessions.session_length_seconds is null then '6 still open'
            when not sessions.session_valid then '0 a second or less'
            when sessions.session_length_seconds < 60 then '1 under 1 minute'
            when sessions.session_length_seconds < 3600 then '2 under 1 hour'
            when sessions.session_length_seconds < 21600 then '3 under 6 hours'
            when sessions.session_length_seconds < 86400 then '4 under 1 day'
            else '5 a day or longer'
        end as place
    from period
    join sessions on sessions.login_timestamp >= period.begins and sessions.login_timestamp < period.ends
    join users on users.user_id = sessions.user_id
    where :country is null or users.country = :country
)

-- The digit before the name sorts the ranges.
select
    substr(place, 3) as length,
    count(*) as sessions
from placed
group by place
order by place;
