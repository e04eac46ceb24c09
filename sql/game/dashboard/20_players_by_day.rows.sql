-- row: one session that began on that day, in the order of time; of players, their first one
-- param: date date required
-- param: column text
-- param: country text

select
    datetime(min(sessions.login_timestamp), 'unixepoch') as login_at,
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
-- A player is counted once.
group by iif(:column = 'players', 'user ' || sessions.user_id, sessions.session_id)
order by min(sessions.login_timestamp), sessions.session_id;
