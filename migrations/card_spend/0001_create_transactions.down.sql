drop view if exists transactions_now;
drop table transactions;
