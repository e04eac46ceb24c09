drop index movements_by_time;

drop index movements_by_account;
create index movements_by_account on movements (account_id);
