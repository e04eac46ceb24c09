-- row: one country that can be chosen

select distinct country
from users
order by country;
