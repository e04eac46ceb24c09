-- row: one card transaction of that user, the latest first
-- param: user_id integer required
-- param: from date
-- param: to date
-- param: merchantTypeCode text
-- unit: amount_cents USD cents

select
    datetime,
    user_id,
    transaction_type,
    merchant_type_code,
    amount_cents
from transactions
where user_id = :user_id
    and (:from is null or datetime >= :from)
    and (:to is null or datetime < date(:to, '+1 day'))
    and (:merchantTypeCode is null or merchant_type_code = :merchantTypeCode)
order by replace(datetime, ' ', 'T') desc, _seq;
