-- row: one return to a merchant of that type, the latest first
-- param: merchant_type_code text required
-- param: from date
-- param: to date
-- unit: amount_cents USD cents

select
    datetime,
    user_id,
    transaction_type,
    merchant_type_code,
    amount_cents
from transactions
where merchant_type_code = :merchant_type_code
    and transaction_type = 'ReturnActivity'
    and (:from is null or datetime >= :from)
    and (:to is null or datetime < date(:to, '+1 day'))
order by replace(datetime, ' ', 'T') desc, _seq;
