drop index sessions_by_login;
create index sessions_by_login on sessions (login_timestamp);

drop index transactions_by_time;
create index transactions_by_time on transactions (transaction_timestamp);
