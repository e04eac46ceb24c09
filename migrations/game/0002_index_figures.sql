-- Two indexes that hold what the figures of the dashboard add up, so that these need not read the rows themselves. Each
-- takes the place of the narrower one.

drop index sessions_by_login;
create index sessions_by_login on sessions (login_timestamp, user_id, session_valid, session_length_seconds);

drop index transactions_by_time;
create index transactions_by_time on transactions (transaction_timestamp, user_id, amount, currency);
