-- why: the rows that this run brought up to date must be what the view says now
-- scope: changed

select *
from (
    select 'missing or different' as problem, definition.*
    from (
        select transactions_now.*
        from transactions_dirty
        cross join transactions_now on transactions_now.transaction_id = transactions_dirty.transaction_id
        except
        select * from transactions where transaction_id in (select transaction_id from transactions_dirty)
    ) as definition

    union all

    select 'must not be there' as problem, surplus.*
    from (
        select * from transactions where transaction_id in (select transaction_id from transactions_dirty)
        except
        select transactions_now.*
        from transactions_dirty
        cross join transactions_now on transactions_now.transaction_id = transactions_dirty.transaction_id
    ) as surplus
);
