-- why: the whole table must be what the view says now, also where no change was noticed
-- scope: all

select *
from (
    select 'missing or different' as problem, definition.*
    from (
        select * from transactions_now
        except
        select * from transactions
    ) as definition

    union all

    select 'must not be there' as problem, surplus.*
    from (
        select * from transactions
        except
        select * from transactions_now
    ) as surplus
);
