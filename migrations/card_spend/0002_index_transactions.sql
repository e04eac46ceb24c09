-- Two indexes that hold what the figures of the dashboard add up, so that these need not read the rows themselves.

-- By the day, cut from the text: the latest rows first, and the rows of a day.
create index transactions_by_day on transactions (
    substr(datetime, 1, 10), merchant_type_code, transaction_type, amount_cents, user_id
);

-- By card holder: who spent most in a period. In place of the narrower one.
drop index transactions_by_user;
create index transactions_by_user on transactions (
    user_id, datetime, merchant_type_code, transaction_type, amount_cents
);
