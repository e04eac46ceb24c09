-- files: exchange_rates*.jsonl
-- format: jsonl
-- why: a rate is stored as decimal text, because revenue is an exact sum
create table exchange_rates (
    currency text primary key,
    rate_to_usd numeric not null
);
