-- upkeep: sql/game/marts/discarded.sql
-- how: 2 arms (events, stg_events); compared in full: never
-- scaffold: e1be49373f42eaee

-- What the mart is, as its file says it.
drop view if exists discarded_now;
create view discarded_now as
select
    events._seq,
    events.discarded as reason,
    staged.line
from events not indexed
cross join (
    select *
    from stg_events
    where _seq <= (select whole_seq from elt_stream)
) as staged on staged._seq = events._seq
where events.discarded is not null;

-- 1. Which keys the changes of this run reach: as rows were, and as they are.
create table if not exists discarded_dirty (
    _seq integer not null,
    primary key (_seq)
) strict, without rowid;

delete from discarded_dirty;

insert or ignore into discarded_dirty (_seq)
select changed_events._seq
from changed_events
where changed_events.discarded is not null

union all

select new_events._seq
from stg_events as new_events
where new_events._seq > (select watermark from elt_watermarks where model = 'discarded')
    and new_events._seq <= (select whole_seq from elt_stream);

-- A first run fills the table at once. The list of unfilled models comes first: where this one is not on it, no row is
-- read.
insert or ignore into elt_watermarks (model) values ('discarded');

delete from discarded
where rowid in (
        select discarded.rowid
        from elt_unfilled
        cross join discarded
        where elt_unfilled.model = 'discarded'
    );

insert into discarded (
    _seq, reason, line
)
select
    _seq, reason, line
from discarded_now
limit coalesce((select -1 from elt_unfilled where model = 'discarded'), 0);

-- 2. The definition asked for those keys alone. A key that is null or there twice stops the run here.
create table if not exists discarded_fresh (
    _seq integer not null,
    reason text,
    line text,
    primary key (_seq)
) strict, without rowid;

delete from discarded_fresh;

insert into discarded_fresh (
    _seq, reason, line
)
select
    _seq, reason, line
from (
    select
        events._seq,
        events.discarded as reason,
        staged.line
    from events not indexed
    cross join (
        select *
        from stg_events
        where _seq <= (select whole_seq from elt_stream)
    ) as staged on staged._seq = events._seq
    where events.discarded is not null
        and events._seq in (select _seq from discarded_dirty)
);

-- 3. The table is made equal to it: rows that are gone are deleted, others written where they differ.
delete from discarded
where _seq in (select _seq from discarded_dirty)
    and not exists (
        select 1
        from discarded_fresh
        where discarded_fresh._seq = discarded._seq
    );

insert into discarded (
    _seq, reason, line
)
select
    _seq, reason, line
from discarded_fresh
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
set watermark = coalesce(
        (
            select min(watermark)
            from elt_watermarks
            where model in ('events')
        ),
        (select whole_seq from elt_stream)
    )
where model = 'discarded';
