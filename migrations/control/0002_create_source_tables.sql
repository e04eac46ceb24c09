-- Sources that are followed (`elt follow`): servers whose changes arrive as they are committed.

-- A row for each source; one database follows one.
--   source_id        the number that other tables name it by
--   name             server and database, for people; never a password
--   plugin           'pgoutput' or 'wal2json': who writes the stream in the server
--   slot             the replication slot, which elt creates and only `elt source drop` removes
--   publications     JSON array: what pgoutput sends; the first is for tables with a key, the second for those without
--   owns_publications  1 if elt created them
--   system_id, database_oid, timeline
--                    who the server is: another one under the same name is refused
--   phase            'creating' (the slot may be there or not), 'snapshot' (tables are being copied for the first time,
--                    or all again: elt_stream.held is 1), 'streaming', 'lost' (changes are missing: see error)
--   consistent_point transactions whose commit begins at or after it are in the stream, those before in the snapshot
--   end_lsn          the position: every change before it has landed, or is none of ours. The stream resumes here.
--                    Stored in the transaction of the rows, and confirmed to the server only after it
--   server_lsn       how far the server's log went when it was last heard, at measured_at
--   last_commit_at   when the last transaction that has landed was committed there
--   load_id          the load that every row of the stream belongs to
--   error            why phase is 'lost', or what the follower stopped at; null while all is well
create table elt_sources (
    source_id integer primary key,
    name text not null,
    plugin text not null check (plugin in ('pgoutput', 'wal2json')),
    slot text not null,
    publications text not null,
    owns_publications integer not null,
    system_id text not null,
    database_oid text not null,
    timeline integer not null,
    phase text not null check (phase in ('creating', 'snapshot', 'streaming', 'lost')),
    consistent_point text,
    end_lsn text,
    server_lsn text,
    measured_at text,
    last_commit_at text,
    load_id integer references elt_loads (load_id),
    error text,
    created_at text not null
) strict;

-- The tables of a source.
--   relation_oid     PostgreSQL's number of the table when it was last copied
--   state            'pending' (to be copied), 'copying', 'streaming'
--   snapshot_lsn     the consistent point of its copy: changes whose commit begins before it are in the copy
--   copied_rows      rows of the last copy
--   load_id          the load of the last copy
--   partitions       JSON array: PostgreSQL's numbers of the partitions that its rows have been in since its last copy;
--                    null: not known yet, or it has none
create table elt_source_tables (
    source_id integer not null references elt_sources (source_id),
    schema_name text not null,
    table_name text not null,
    relation_oid integer,
    state text not null check (state in ('pending', 'copying', 'streaming')),
    snapshot_lsn text,
    copied_rows integer,
    load_id integer references elt_loads (load_id),
    partitions text,
    primary key (source_id, schema_name, table_name)
) strict, without rowid;

-- Texts of PostgreSQL's types, kept because PostgreSQL tells nobody when a type is renamed: a column has not changed by
-- it.
--   modifier         what stands in parentheses, as PostgreSQL encodes it; -1: nothing
create table elt_source_types (
    source_id integer not null references elt_sources (source_id),
    type_oid integer not null,
    modifier integer not null,
    type_text text not null,
    primary key (source_id, type_oid, modifier)
) strict, without rowid;
