-- why: a refund or a processing that is older than its cash-out would make times and pending wrong
-- scope: changed

select *
from movements
where transaction_id in (select transaction_id from movements_dirty)
    and (processed_at < created_at or refunded_at < created_at);
