-- files: cash_outs_created*.json, cash_outs_created*.jsonl
-- format: json
-- commit_rows: 500
-- why: the messages of the topic of created cash-outs; a repeated one changes nothing
create table cash_outs_created (
    transaction_id uuid primary key,
    account_id uuid not null,
    counterparty_account_id uuid not null,
    amount integer not null,
    inserted_at integer not null
);
