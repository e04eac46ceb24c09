-- row: one card transaction of that day, the latest first
-- param: date date required
-- param: merchantTypeCode text
-- unit: amount_cents USD cents

select
    datetime,
    user_id,
    transaction_type,
    merchant_type_code,
    amount_cents
from transactions
where substr(datetime, 1, 10) = :date
    and (:merchantTypeCode is null or merchant_type_code = :merchantTypeCode)
order by replace(datetime, ' ', 'T') desc, _seq;
