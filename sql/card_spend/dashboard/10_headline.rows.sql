-- row: one card transaction of the period, the latest day first
-- param: column text
-- param: from date
-- param: to date
-- param: merchantTypeCode text
-- unit: amount_cents USD cents

-- A tile that counts one kind leads to that kind.
select
    datetime,
    user_id,
    transaction_type,
    merchant_type_code,
    amount_cents
from transactions
where (:from is null or substr(datetime, 1, 10) >= :from)
    and (:to is null or substr(datetime, 1, 10) <= :to)
    and (:merchantTypeCode is null or merchant_type_code = :merchantTypeCode)
    and (
        :column is null
        or :column not in ('bought_cents', 'returned_cents', 'return_rate_percent')
        or transaction_type = iif(:column = 'bought_cents', 'PurchaseActivity', 'ReturnActivity')
    )
order by substr(datetime, 1, 10) desc, replace(datetime, ' ', 'T') desc, _seq;
