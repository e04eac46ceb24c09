-- row: one session that began in the period, the latest first
-- param: from date
-- param: to date
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
where (:from is null or sessions.login_timestamp >= unixepoch(:from))
    and (:to is null or sessions.login_timestamp < unixepoch(:to, '+1 day'))
    and (:country is null or users.country = :country)
order by sessions.login_timestamp desc, sessions.session_id;
