-- why: the exact revenue reads a rate as digits with at most nine decimals; any other would be misread
-- scope: all

select currency, rate_to_usd
from current_exchange_rates
where rate_to_usd glob '*[^0-9.]*'
    or rate_to_usd glob '*.*.*'
    or rate_to_usd glob '*.??????????*'
    or length(rate_to_usd) > 15;
