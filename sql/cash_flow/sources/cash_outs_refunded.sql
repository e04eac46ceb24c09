-- files: cash_outs_refunded*.json, cash_outs_refunded*.jsonl
-- format: json
-- commit_rows: 500
-- why: the messages of the topic of refunded cash-outs; one may arrive before that of the cash-out's creation
create table cash_outs_refunded (
    transaction_id uuid primary key,
    inserted_at integer not null
);
