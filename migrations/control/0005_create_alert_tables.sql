-- Alerts of figures, as the last run found them: an alert is sent when a run crosses its threshold, not by each run after.
--   figure      the figure's file name: 10_headline
--   alert       the threshold, as its head says it; another one begins anew
--   is_crossed  1 while it is crossed, and has been sent
--   value       what was compared with it
--   since       when that began
create table elt_alerts (
    figure text primary key,
    alert text not null,
    is_crossed integer not null check (is_crossed in (0, 1)),
    value real not null,
    since text not null
) strict, without rowid;
