-- case: rows that are the same are transactions of their own, and a merchant type code keeps its zeros

-- given
insert into stg_combined_transactions (_seq, user_id, transaction_type, merchant_type_code, amount_cents) values
    (1, 31373, 'PurchaseActivity', '0742', 1250),
    (2, 31373, 'PurchaseActivity', '0742', 1250),
    (3, 31373, 'ReturnActivity', '0742', 1250);

-- expected
insert into transactions (_seq, user_id, transaction_type, merchant_type_code, amount_cents) values
    (1, 31373, 'PurchaseActivity', '0742', 1250),
    (2, 31373, 'PurchaseActivity', '0742', 1250),
    (3, 31373, 'ReturnActivity', '0742', 1250);
