-- row: one session that began on that day, in the order of time
-- param: date date required
-- param: country text

select
    datetime(sessions.login_timestamp, 'unixepoch') as login_at,
    datetime(sessions.logout_timestamp, 'unixepoch') as logout_at,
    sessions.session_length_seconds,
    sessions.user_id,
    users.name,
    users.country,
    users.device_os,
    users.marketing_campaign
from sessions
join users on users.user_id = sessions.user_id
where sessions.login_timestamp >= unixepoch(:date)
    and sessions.login_timestamp < unixepoch(:date, '+1 day')
    and (:country is null or users.country = :country)
order by sessions.login_timestamp, sessions.session_id;
