-- row: one player of the period who came by that campaign
-- param: campaign text required
-- param: from date
-- param: to date
-- param: country text

select
    users.user_id,
    users.name,
    users.country,
    users.device_os,
    datetime(users.registration_timestamp, 'unixepoch') as registered_at,
    count(*) as logins
from users
join sessions on sessions.user_id = users.user_id
where coalesce(nullif(users.marketing_campaign, ''), 'no campaign') = :campaign
    and (:from is null or sessions.login_timestamp >= unixepoch(:from))
    and (:to is null or sessions.login_timestamp < unixepoch(:to, '+1 day'))
    and (:country is null or users.country = :country)
group by users.user_id
order by logins desc, users.user_id;
