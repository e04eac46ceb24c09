-- row: one event that does not count
-- key: _seq
-- why: every event that is left out can be counted, with its reason

-- 1. What it is.
--    Both tables are read in their own order: an index of the events would give another one.
drop view if exists discarded_now;
create view discarded_now as
select
    events._seq,
    events.discarded as reason,
    staged.line
from events not indexed
cross join stg_events as staged on staged._seq = events._seq
where events.discarded is not null;

-- 2. Which rows the events of this run reach: as they were and as they are.
create table if not exists discarded_dirty (
    _seq integer not null primary key
) strict, without rowid;

delete from discarded_dirty;

insert or ignore into discarded_dirty
select _seq
from changed_events;

-- 3. Those are brought up to date. A first run fills the table at once.
insert or ignore into elt_watermarks (model) values ('discarded');

-- The list of unfilled models comes first: where this one is not on it, no row is read.
delete from discarded
where rowid in (
        select discarded.rowid
        from elt_unfilled
        cross join discarded
        where elt_unfilled.model = 'discarded'
    );

insert into discarded
select discarded_now.*
from elt_unfilled
cross join discarded_now
where elt_unfilled.model = 'discarded';

delete from discarded
where _seq in (select _seq from discarded_dirty)
    and not exists (select 1 from discarded_now where discarded_now._seq = discarded._seq);

insert into discarded
select discarded_now.*
from discarded_dirty
cross join discarded_now on discarded_now._seq = discarded_dirty._seq
where true
on conflict (_seq) do update
set (
        reason, line
    ) = (
        excluded.reason, excluded.line
    )
where (
        discarded.reason, discarded.line
    ) is distinct from (
        excluded.reason, excluded.line
    );

update elt_watermarks
set watermark = (select watermark from elt_watermarks where model = 'events')
where model = 'discarded';
