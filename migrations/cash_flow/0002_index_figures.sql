-- Two indexes that hold what the figures of the dashboard add up, so that these need not read the rows themselves.

-- By time: the movements of a day, and those that were refunded or wait.
create index movements_by_time on movements (created_at, kind, amount_cents, processed_at, refunded_at);

-- By account: its balance. In place of the narrower one.
drop index movements_by_account;
create index movements_by_account on movements (account_id, kind, amount_cents, refunded_at);
