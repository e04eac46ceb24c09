-- case: a cash-out gathers what its messages tell, in whichever order they come

-- given
insert into current_cash_outs_created (transaction_id, account_id, amount, inserted_at) values
    ('out-1', 'account-1', 500, 1000),
    ('out-2', 'account-1', 700, 1010),
    ('out-3', 'account-2', 900, 1020);
insert into current_cash_outs_processed (transaction_id, inserted_at) values
    ('out-1', 1060);
insert into current_cash_outs_refunded (transaction_id, inserted_at) values
    ('out-2', 1090),
    ('of a cash-out that has not come', 1095);

-- expected
insert into movements (transaction_id, kind, amount_cents, created_at, processed_at, refunded_at) values
    ('out-1', 'cash_out', 500, 1000, 1060, null),
    ('out-2', 'cash_out', 700, 1010, null, 1090),
    ('out-3', 'cash_out', 900, 1020, null, null);


-- case: a cash-in and a cash-out with the same id are two movements

insert into current_cash_ins (transaction_id, account_id, amount, inserted_at) values
    ('same', 'account-1', 200, 1000);
insert into current_cash_outs_created (transaction_id, account_id, amount, inserted_at) values
    ('same', 'account-1', 300, 1005);

insert into movements (transaction_id, kind, amount_cents) values
    ('same', 'cash_in', 200),
    ('same', 'cash_out', 300);
