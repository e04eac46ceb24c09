-- files: cash_outs_processed*.json, cash_outs_processed*.jsonl
-- format: json
-- commit_rows: 500
-- why: the messages of the topic of processed cash-outs; one may arrive before that of the cash-out's creation
create table cash_outs_processed (
    transaction_id uuid primary key,
    inserted_at integer not null
);
