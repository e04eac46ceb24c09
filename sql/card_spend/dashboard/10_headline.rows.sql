-- row: one card transaction of the period, the latest first
-- param: from date
-- param: to date
-- param: merchantTypeCode text

select
    datetime,
    user_id,
    transaction_type,
    merchant_type_code,
    amount_cents
from transactions
where (:from is null or datetime >= :from)
    and (:to is null or datetime < date(:to, '+1 day'))
    and (:merchantTypeCode is null or merchant_type_code = :merchantTypeCode)
order by replace(datetime, ' ', 'T') desc, _seq;
