-- row: one merchant type that can be chosen

select distinct merchant_type_code
from daily
order by merchant_type_code;
