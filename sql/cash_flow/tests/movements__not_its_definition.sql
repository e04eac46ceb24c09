-- why: the movements that this run brought up to date must be what the view says now
-- scope: changed

with dirty as (
    select transaction_id from movements_dirty
)

select *
from (
    select 'missing or different' as problem, definition.*
    from (
        select * from movements_now where transaction_id in (select transaction_id from dirty)
        except
        select * from movements where transaction_id in (select transaction_id from dirty)
    ) as definition

    union all

    select 'must not be there' as problem, surplus.*
    from (
        select * from movements where transaction_id in (select transaction_id from dirty)
        except
        select * from movements_now where transaction_id in (select transaction_id from dirty)
    ) as surplus
);
