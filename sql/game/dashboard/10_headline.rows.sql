-- row: one session that began in the period, or one purchase, the latest first; of players and buyers, their last one
-- param: column text
-- param: from date
-- param: to date
-- param: country text

with acted as (
    select
        sessions.login_timestamp as at,
        'session' as what,
        sessions.session_id as id,
        sessions.session_length_seconds,
        null as amount,
        null as currency,
        sessions.user_id,
        sessions.session_valid as is_valid
    from sessions
    where :column is null or :column not in ('revenue_usd', 'buyers')

    union all

    select
        transaction_timestamp as at,
        'purchase' as what,
        transaction_id as id,
        null as session_length_seconds,
        amount,
        currency,
        user_id,
        true as is_valid
    from transactions
    where :column in ('revenue_usd', 'buyers')
)

-- People are counted once: of theirs, the latest.
select
    datetime(max(acted.at), 'unixepoch') as at,
    acted.what,
    acted.session_length_seconds,
    acted.amount,
    acted.currency,
    acted.user_id,
    users.name,
    users.country,
    users.device_os,
    users.marketing_campaign
from acted
join users on users.user_id = acted.user_id
where (:from is null or acted.at >= unixepoch(:from))
    and (:to is null or acted.at < unixepoch(:to, '+1 day'))
    and (:country is null or users.country = :country)
    and (acted.is_valid or :column is null or :column not in ('valid_sessions', 'average_session_seconds'))
    and (:column is not 'campaign_share_percent' or coalesce(users.marketing_campaign, '') <> '')
group by iif(:column in ('players', 'buyers', 'campaign_share_percent'), acted.user_id, acted.what || ' ' || acted.id)
order by max(acted.at) desc, acted.user_id, acted.id;
