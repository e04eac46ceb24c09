-- row: one registered user
-- key: user_id
-- why: who plays, from where, and by which campaign they came

select
    user_id,
    country,
    name,
    event_timestamp as registration_timestamp,
    device_os,
    marketing_campaign
from events
where discarded is null
    and event_type = 'registration';
