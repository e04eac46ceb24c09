drop view if exists metrics_now;
drop table if exists metrics_dirty;
drop table metrics;
