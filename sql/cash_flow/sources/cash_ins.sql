-- files: cash_ins*.json, cash_ins*.jsonl
-- format: json
-- commit_rows: 500
-- why: the messages of the topic of cash-ins; a repeated one changes nothing
create table cash_ins (
    transaction_id uuid primary key,
    account_id uuid not null,
    counterparty_account_id uuid not null,
    amount integer not null,
    inserted_at integer not null
);
