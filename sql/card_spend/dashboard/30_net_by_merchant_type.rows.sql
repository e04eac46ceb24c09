-- row: one card transaction with a merchant of that type, the latest first
-- param: merchant_type text required
-- param: from date
-- param: to date
-- unit: amount_cents USD cents

-- A merchant type is its code and its name, or a code that has no name.
select
    datetime,
    user_id,
    transaction_type,
    merchant_type_code,
    amount_cents
from transactions
where merchant_type_code = coalesce(
        (
            select merchant_type_code
            from merchant_types
            where merchant_type_code || ' ' || name = :merchant_type
        ),
        :merchant_type
    )
    and (:from is null or datetime >= :from)
    and (:to is null or datetime < date(:to, '+1 day'))
order by replace(datetime, ' ', 'T') desc, _seq;
