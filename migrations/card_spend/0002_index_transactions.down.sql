drop index transactions_by_day;
drop index transactions_by_user;
create index transactions_by_user on transactions (user_id, datetime);
