drop view if exists movements_now;
drop table if exists movements_dirty;
drop table movements;
