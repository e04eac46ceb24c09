-- why: the whole table must be what the view says now, also where no change was noticed
-- scope: all

-- Each row is looked up by its key: comparing the two as sets would sort both.
select
    iif(held.session_id is null, 'missing', 'different') as problem,
    definition.*
from sessions_now as definition
left join sessions as held on held.session_id = definition.session_id
where held.session_id is null
    or (
        held.user_id, held.login_timestamp, held.logout_timestamp, held.session_length_seconds, held.session_valid,
        held.session_ended
    ) is distinct from (
        definition.user_id, definition.login_timestamp, definition.logout_timestamp,
        definition.session_length_seconds, definition.session_valid, definition.session_ended
    )

union all

select
    'must not be there' as problem,
    surplus.*
from sessions as surplus
where not exists (select 1 from sessions_now as definition where definition.session_id = surplus.session_id);
