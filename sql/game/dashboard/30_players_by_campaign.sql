-- title: Where players come from
-- chart: bar
-- unit: players
-- width: third
-- row: one marketing campaign, with the players of the period who came by it
-- why: how many active players a campaign brings
-- param: from date
-- param: to date
-- param: country text

-- The days as seconds, from the start of the first to the end of the last.
with period as (
    select
        coalesce(unixepoch(:from), -9223372036854775808) as begins,
        coalesce(unixepoch(:to, '+1 day'), 9223372036854775807) as ends
),

-- Each of them once, before users are looked up.
seen as (
    select distinct sessions.user_id
    from period
    join sessions on sessions.login_timestamp >= period.begins and sessions.login_timestamp < period.ends
)

select
    coalesce(nullif(users.marketing_campaign, ''), 'no campaign') as campaign,
    count(*) as players
from seen
join users on users.user_id = seen.user_id
where :country is null or users.country = :country
group by campaign
order by players desc, campaign;
