-- row: one session of that length, the latest first
-- param: length text required
-- param: from date
-- param: to date
-- param: country text

with placed as (
    select
        *,
        case
            when session_length_seconds is null then '6 still open'
            when not session_valid then '0 a second or less'
            when session_length_seconds < 60 then '1 under 1 minute'
            when session_length_seconds < 3600 then '2 under 1 hour'
            when session_length_seconds < 21600 then '3 under 6 hours'
            when session_length_seconds < 86400 then '4 under 1 day'
            else '5 a day or longer'
        end as place
    from sessions
)

select
    datetime(placed.login_timestamp, 'unixepoch') as login_at,
    datetime(placed.logout_timestamp, 'unixepoch') as logout_at,
    placed.session_length_seconds,
    placed.user_id,
    users.name,
    users.country,
    users.device_os,
    users.marketing_campaign
from placed
join users on users.user_id = placed.user_id
where substr(placed.place, 3) = :length
    and (:from is null or placed.login_timestamp >= unixepoch(:from))
    and (:to is null or placed.login_timestamp < unixepoch(:to, '+1 day'))
    and (:country is null or users.country = :country)
order by placed.login_timestamp desc, placed.session_id;
