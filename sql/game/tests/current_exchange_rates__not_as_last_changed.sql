-- why: the last change of a key says whether its row is there; asked of staging, not of the fold
-- scope: changed

-- A change that is more than a row written, which is there: only then it matters which change is the last.
with in_question as materialized (
    select 1
    from stg_exchange_rates as change
    where _seq > (select previous from elt_watermarks where model = 'current_exchange_rates')
        and _seq <= (select watermark from elt_watermarks where model = 'current_exchange_rates')
        and not (
            _op in ('insert', 'update')
            and _old_key is null
            and exists (select 1 from current_exchange_rates as row_now where row_now.currency = change.currency)
        )
    limit 1
),

change as materialized (
    select _seq, _op, _old_key, currency
    from stg_exchange_rates
    where _seq > (select previous from elt_watermarks where model = 'current_exchange_rates' and exists (select 1 from in_question))
        and _seq <= (select watermark from elt_watermarks where model = 'current_exchange_rates')
),

key_change as (
    select _seq, _op <> 'delete' as is_there, currency as currency
    from change
    where _op <> 'truncate'

    union all

    select _seq, 0, coalesce(_old_key ->> '$.currency', currency) as currency
    from change
    where _old_key -> '$.currency' is not null
),

last_change as (
    select max(_seq) as _seq, is_there, currency
    from key_change
    where _seq > coalesce((select max(_seq) from change where _op = 'truncate'), 0)
    group by currency
)

select last_change.*
from last_change
where last_change.is_there <> exists (select 1 from current_exchange_rates as row_now where row_now.currency = last_change.currency);
