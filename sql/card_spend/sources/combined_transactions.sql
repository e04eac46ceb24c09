-- files: combined_transactions*.csv
-- format: csv
-- why: card transactions as the card's processor exports them. There is no key: two equal rows are two transactions.
--   A merchant type code is text, because it may begin with a zero.
create table combined_transactions (
    user_id integer not null,
    transaction_type text not null,
    merchant_type_code text not null,
    amount_cents integer not null,
    datetime timestamp not null
);
