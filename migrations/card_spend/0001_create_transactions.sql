-- The published table of card spending, one row per card transaction; filled by sql/card_spend/marts/transactions.sql.
--   _seq                   its row in stg_combined_transactions, in the order of landing
--   transaction_type       PurchaseActivity or ReturnActivity
--   amount_cents           whole cents, never negative: the type gives the direction
--   datetime               as in the file; UTC if it has no offset
create table transactions (
    _seq integer not null primary key,
    user_id integer not null,
    transaction_type text not null,
    merchant_type_code text not null,
    amount_cents integer not null,
    datetime text not null
) strict;

create index transactions_by_user on transactions (user_id, datetime);
create index transactions_by_merchant_type on transactions (merchant_type_code, datetime);
