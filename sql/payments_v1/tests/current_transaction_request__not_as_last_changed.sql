-- why: the last change of a key says whether its row is there; asked of staging, not of the fold
-- scope: changed

-- A change that is more than a row written, which is there: only then it matters which change is the last.
with in_question as materialized (
    select 1
    from stg_transaction_request as change
    where _seq > (select previous from elt_watermarks where model = 'current_transaction_request')
        and _seq <= (select watermark from elt_watermarks where model = 'current_transaction_request')
        and not (
            _op in ('insert', 'update')
            and _old_key is null
            and exists (select 1 from current_transaction_request as row_now where row_now.transaction_request_id = change.transaction_request_id)
        )
    limit 1
),

change as materialized (
    select _seq, _op, _old_key, transaction_request_id
    from stg_transaction_request
    where _seq > (select previous from elt_watermarks where model = 'current_transaction_request' and exists (select 1 from in_question))
        and _seq <= (select watermark from elt_watermarks where model = 'current_transaction_request')
),

key_change as (
    select _seq, _op <> 'delete' as is_there, transaction_request_id as transaction_request_id
    from change
    where _op <> 'truncate'

    union all

    select _seq, 0, coalesce(_old_key ->> '$.transaction_request_id', transaction_request_id) as transaction_request_id
    from change
    where _old_key -> '$.transaction_request_id' is not null
),

last_change as (
    select max(_seq) as _seq, is_there, transaction_request_id
    from key_change
    where _seq > coalesce((select max(_seq) from change where _op = 'truncate'), 0)
    group by transaction_request_id
)

select last_change.*
from last_change
where last_change.is_there <> exists (select 1 from current_transaction_request as row_now where row_now.transaction_request_id = last_change.transaction_request_id);
