-- row: one merchant type that can be chosen, and what is shown of it

with seen as (
    select distinct merchant_type_code
    from daily
)

select
    seen.merchant_type_code,
    seen.merchant_type_code || coalesce(' ' || merchant_types.name, '') as merchant_type
from seen
left join merchant_types on merchant_types.merchant_type_code = seen.merchant_type_code
order by seen.merchant_type_code;
