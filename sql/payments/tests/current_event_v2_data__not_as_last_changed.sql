-- why: the last change of a key says whether its row is there; asked of staging, not of the fold
-- scope: changed

-- A change that is more than a row written, which is there: only then it matters which change is the last.
with in_question as materialized (
    select 1
    from stg_event_v2_data as change
    where _seq > (select previous from elt_watermarks where model = 'current_event_v2_data')
        and _seq <= (select watermark from elt_watermarks where model = 'current_event_v2_data')
        and not (
            _op in ('insert', 'update')
            and _old_key is null
            and exists (select 1 from current_event_v2_data as row_now where row_now.event_id = change.event_id)
        )
    limit 1
),

change as materialized (
    select _seq, _op, _old_key, event_id
    from stg_event_v2_data
    where _seq > (select previous from elt_watermarks where model = 'current_event_v2_data' and exists (select 1 from in_question))
        and _seq <= (select watermark from elt_watermarks where model = 'current_event_v2_data')
),

key_change as (
    select _seq, _op <> 'delete' as is_there, event_id as event_id
    from change
    where _op <> 'truncate'

    union all

    select _seq, 0, coalesce(_old_key ->> '$.event_id', event_id) as event_id
    from change
    where _old_key -> '$.event_id' is not null
),

last_change as (
    select max(_seq) as _seq, is_there, event_id
    from key_change
    where _seq > coalesce((select max(_seq) from change where _op = 'truncate'), 0)
    group by event_id
)

select last_change.*
from last_change
where last_change.is_there <> exists (select 1 from current_event_v2_data as row_now where row_now.event_id = last_change.event_id);
