-- row: one currency that can be chosen

select distinct currency_code
from metrics
where currency_code is not null
order by currency_code;
