-- Control tables: what elt knows about a database. People may read them, models never write them
-- (only elt_watermarks, by the last statement of each file).

-- The ledger: one row for each time that a source was taken in.
--   load_id        the number that every staged row carries as _load
--   source         the name as it was given; '-' is standard input
--   path           absolute path, null for standard input; tells growth from change
--   state          'loading' (interrupted, truncated: the same command resumes) or 'loaded'
--   continues      the load whose source grew, null for a source seen for the first time
--   head_bytes     how many bytes head_sha256 covers (at most 64 KiB)
--   head_sha256    hash of the first bytes: finds the loads that a source could be a repetition of
--   start_byte     where this load began to read, in bytes of the decompressed source
--   end_byte       the position: all before it is taken in, the next load of this source begins here
--   sha256         hash of the source's bytes from 0 to end_byte
--   frame_state    JSON: which arrays are open at end_byte
--   open_position  the position of the source transaction that the source ended inside of, null if it ended between
--   records        records seen in this load; changes, messages, rejected, repeated likewise
--   first_seq      first and last _seq of the rows staged by this load, null if none
create table elt_loads (
    load_id integer primary key,
    source text not null,
    path text,
    state text not null check (state in ('loading', 'loaded')),
    continues integer references elt_loads (load_id),
    head_bytes integer not null,
    head_sha256 text not null,
    start_byte integer not null,
    end_byte integer not null,
    sha256 text not null,
    frame_state text not null,
    open_position text,
    records integer not null,
    changes integer not null,
    messages integer not null,
    rejected integer not null,
    repeated integer not null,
    first_seq integer,
    last_seq integer,
    started_at text not null,
    finished_at text
) strict;

create index elt_loads_by_head on elt_loads (head_sha256);
create index elt_loads_by_path on elt_loads (path);

-- What each load put into each staging table; elt verify counts and hashes the rows again.
--   checksum       CRC-32 over the staged rows in order of _seq: as SQLite's records, without nulls at the end
create table elt_load_tables (
    load_id integer not null references elt_loads (load_id),
    staging_table text not null,
    staged_rows integer not null,
    checksum integer not null,
    primary key (load_id, staging_table)
) strict, without rowid;

-- The stream as far as it has landed: exactly one row.
--   last_seq       the last _seq given out
--   whole_seq      up to here every source transaction has landed whole: models read no further
--   open_xid       the transaction whose end has not landed yet (format 2 only), with its commit position
--   open_position  and its time
--   open_committed_at
--   open_changes   how many of its changes are staged
--   open_seen      how many of them have come in its last sending: fewer when it is sent again in pieces
--   open_repeated  1 if the last source ended inside a transaction that had landed before: its rest is left out
create table elt_stream (
    only_row integer primary key check (only_row = 1),
    last_seq integer not null,
    whole_seq integer not null,
    open_xid text,
    open_position text,
    open_committed_at text,
    open_changes integer,
    open_seen integer,
    open_repeated integer
) strict;

insert into elt_stream (only_row, last_seq, whole_seq) values (1, 0, 0);

-- Source transactions that carried a position: one that is sent twice lands once.
--   position       the commit's LSN as a number, so that it sorts
--   xid            text, because xids wrap and are only a name here; '' if the stream has none
create table elt_transactions (
    position integer not null,
    xid text not null,
    load_id integer not null,
    primary key (position, xid)
) strict, without rowid;

-- The catalogue of staging tables.
--   staging_table  stg_<table>, or stg_<schema>__<table> outside public
--   primary_key    JSON array of column names as the stream says it; null: it never said
--   identity       JSON array of the columns of the old key of the last update or delete; null: none seen
--   identity_full  1 if old keys look like whole rows (REPLICA IDENTITY FULL): no key can be told from them
--   first_seq      the _seq of its first change
create table elt_relations (
    staging_table text primary key,
    schema_name text not null,
    table_name text not null,
    primary_key text,
    identity text,
    identity_full integer not null,
    first_seq integer not null,
    unique (schema_name, table_name)
) strict;

-- The catalogue of their columns.
--   ordinal        the order of arrival, from 1; never used again
--   source_name    PostgreSQL's name
--   column_name    ours; differs where the source's name begins with an underscore or only its case is new
--   pg_type        PostgreSQL's type as the stream gives it, null where it carries no types
--   sqlite_type    INTEGER, REAL, TEXT, or ANY (retyped in flight, or type unknown)
--   dropped_seq    the _seq at which the stream no longer had it, null while it lives
create table elt_columns (
    staging_table text not null references elt_relations (staging_table),
    ordinal integer not null,
    source_name text not null,
    column_name text not null,
    pg_type text,
    sqlite_type text not null,
    dropped_seq integer,
    primary key (staging_table, ordinal)
) strict, without rowid;

-- Drift: when a relation no longer looked like its staging table.
--   kind           'added', 'dropped', 'retyped', 'renamed' (a name that we had to change), 'returned'
--   was, now       the types, or the names
create table elt_drift (
    drift_id integer primary key,
    _seq integer not null,
    load_id integer not null,
    staging_table text not null,
    kind text not null,
    column_name text,
    was text,
    now text,
    recorded_at text not null
) strict;

-- What could not be decoded or landed, kept for people and for elt rejects retry.
--   record, change place in the source, from 1; change is null when the whole record is meant
--   first_byte     offset in the decompressed source; length in bytes
--   bytes          all bytes up to 1 MiB, else the head of them (whole = 0); sha256 is of all of them
--   reason         one stable word; detail says what was found
--   state          'open', or 'retried' once it has been landed
create table elt_rejects (
    reject_id integer primary key,
    load_id integer not null references elt_loads (load_id),
    record integer not null,
    change integer,
    first_byte integer not null,
    length integer not null,
    bytes blob not null,
    whole integer not null,
    sha256 text,
    reason text not null,
    detail text not null,
    relation text,
    xid text,
    position text,
    state text not null default 'open' check (state in ('open', 'retried')),
    rejected_at text not null
) strict;

-- Logical messages (pg_logical_emit_message): kept, not folded.
create table elt_messages (
    _seq integer primary key,
    _load integer not null,
    _lsn text,
    _xid text,
    _committed_at text,
    prefix text not null,
    content text not null,
    transactional integer not null
) strict;

-- One row for each model: how far it has taken the stream in.
--   watermark      the last _seq taken in; 0: the model is filled from scratch by its next run
--   previous       the watermark before its last run
--   taken_tick     elt_clock.tick at the end of its last run: rows of changed_<table> below it were taken in
--   recording      1 if changes of this model's table are to be written to changed_<table>: not while
--                  everything that could read them will be filled from scratch anyway
create table elt_watermarks (
    model text primary key,
    watermark integer not null default 0,
    previous integer not null default 0,
    taken_tick integer not null default 0,
    recording integer not null default 0
) strict, without rowid;

-- Counts the ends of models' runs: exactly one row.
create table elt_clock (
    only_row integer primary key check (only_row = 1),
    tick integer not null
) strict;

insert into elt_clock (only_row, tick) values (1, 1);

create trigger elt_watermarks_added after insert on elt_watermarks
begin
    update elt_watermarks
    set recording = exists (
        select 1 from elt_watermarks as mart where mart.watermark > 0 and mart.model not glob 'current_*'
    )
    where model = new.model;
end;

create trigger elt_watermarks_moved after update of watermark on elt_watermarks
begin
    update elt_clock set tick = tick + 1;
    update elt_watermarks
    set previous = old.watermark, taken_tick = (select tick from elt_clock)
    where model = new.model;
    update elt_watermarks
    set recording = watermark > 0 or exists (
        select 1 from elt_watermarks as mart where mart.watermark > 0 and mart.model not glob 'current_*'
    );
end;

-- Models that their next run fills from scratch.
create view elt_unfilled as
select model from elt_watermarks where watermark = 0;

-- What elt transform did last with each SQL file.
--   model          its name: the file's, with current_ before it in the folder current/
--   text_hash      SHA-256 of the file's text without comments and layout: an edit makes the model rebuild
--   scaffolded     1 if that text was the unedited output of elt scaffold
--   generated_sql  the fold as elt scaffold would write it now, where an unedited file is behind; else null
--   inserted …     rows of its tables in its last run
create table elt_models (
    model text primary key,
    file text not null,
    text_hash text not null,
    scaffolded integer not null,
    generated_sql text,
    last_run_at text not null,
    milliseconds real not null,
    inserted integer not null,
    updated integer not null,
    deleted integer not null,
    unchanged integer not null
) strict;

-- The order of the models, worked out from what their files read and write, under the hash of what it depends on.
create table elt_order (
    only_row integer primary key check (only_row = 1),
    hash text not null,
    plan text not null
) strict;
