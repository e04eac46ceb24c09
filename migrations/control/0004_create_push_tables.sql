-- Targets to which marts are pushed (`elt push`): indexes of OpenSearch or Elasticsearch, tables of PostgreSQL.

-- Who this database is to its targets: exactly one row, from the first push on.
--   origin           a random identifier, which a target keeps: another database must not write over what this one wrote
create table elt_push_origin (
    only_row integer primary key check (only_row = 1),
    origin text not null
) strict;

-- The marts that are pushed. For each there is a table elt_touched_<mart>, into which row triggers of the mart write the
-- key of each row that is inserted, updated or deleted, whoever does it, numbered by _change.
--   mart             the table or view
--   key              JSON array of the columns that name a row
--   since            the _change before which nothing is known: there the triggers were created, and earlier ones had
--                    gone with the table; a target whose position is lower is compared as a whole
create table elt_push_marts (
    mart text primary key,
    key text not null,
    since integer not null
) strict, without rowid;

-- The targets.
--   target           the address, without user and password
--   kind             'postgres' or 'search'
--   position         the last _change of elt_touched_<mart> that the target has taken in; null while it has none. The
--                    target keeps its own: that one decides, and this one may be below it after a crash
--   token            the name of the push that stored this position; the target keeps the same
--   attempts         JSON array of the names of pushes that were begun since, stored before each began: any of them may
--                    have been taken in before it died. A target that names neither token nor one of them was written
--                    after the state that this database is in: a backup was restored
--   shape            JSON of the columns, the key and the types as they were pushed last
--   pushed_at        when the target last took something in; rows, deleted: what it took in then
--   error            the code and sentence of the last push, if it failed; failures: in a row; failed_at: the first
create table elt_push_targets (
    target_id integer primary key,
    mart text not null,
    target text not null,
    kind text not null check (kind in ('postgres', 'search')),
    position integer,
    token text,
    attempts text not null default '[]',
    shape text,
    pushed_at text,
    rows integer not null default 0,
    deleted integer not null default 0,
    error text,
    failures integer not null default 0,
    failed_at text,
    unique (mart, target)
) strict;

-- Documents that an index refused, while it took the others: each until its row changes again and is taken.
--   document         the document's _id
--   key              JSON array of the key's values
--   reason           the index's own words
create table elt_push_rejects (
    target_id integer not null references elt_push_targets (target_id),
    document text not null,
    key text not null,
    status integer not null,
    reason text not null,
    rejected_at text not null,
    primary key (target_id, document)
) strict, without rowid;
