-- why: the net amount adds purchases and takes returns away; another type, or a negative amount,
--   would be counted wrongly, and so would a time that is not UTC
-- scope: changed

select _seq, transaction_type, amount_cents, datetime
from transactions
where _seq > (select previous from elt_watermarks where model = 'transactions')
    and (
        transaction_type not in ('PurchaseActivity', 'ReturnActivity')
        or amount_cents < 0
        or substr(datetime, 20) glob '*[-+]*'
    );
