-- Control tables: elt's bookkeeping. Anyone may read them; models must not write them, except for their own row of
-- elt_watermarks, in the last statement of each file.

-- The ledger: one row per load.
--   load_id        the number in column _load of every staged row
--   source         the name as given; '-' is standard input
--   path           absolute path, null for standard input; distinguishes a grown file from a changed one
--   state          'loading' (interrupted, truncated: the same command resumes) or 'loaded'
--   continues      the load whose source grew, null for a source seen for the first time
--   head_bytes     how many bytes head_sha256 covers (at most 64 KiB)
--   head_sha256    hash of the first bytes: finds the loads that a source may repeat
--   start_byte     where this load began reading, in bytes of the decompressed source
--   end_byte       the position: everything before it has landed, the next load of this source begins here
--   sha256         hash of the source's bytes from 0 to end_byte
--   frame_state    JSON: the arrays that are open at end_byte
--   unended        JSON: the place before a last row without a line break, to which the load goes back if the file goes
--                  on within that row; null: its last row was ended
--   open_position  the position of the source transaction in which the source ended; null if it ended between two
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
    unended text,
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

-- The rows that each load inserted into each staging table; elt verify counts and hashes them again.
--   checksum       CRC-32 of the staged rows in order of _seq, as SQLite's records without trailing nulls
create table elt_load_tables (
    load_id integer not null references elt_loads (load_id),
    staging_table text not null,
    staged_rows integer not null,
    checksum integer not null,
    primary key (load_id, staging_table)
) strict, without rowid;

-- The state of the landed stream: exactly one row.
--   last_seq       the last _seq that was assigned
--   whole_seq      every source transaction up to here has landed whole: models read no further
--   open_xid       the transaction whose end has not landed yet (format 2 only), with its commit position
--   open_position  and its time
--   open_committed_at
--   open_changes   how many of its changes are staged
--   open_seen      how many of them its last transmission contained: fewer if it is sent again in pieces
--   open_repeated  1 if the last source ended inside a transaction that had landed before: the rest of it is skipped
--   held           1 while the tables of a server are copied: whole_seq stays, so that models see none or all of them
create table elt_stream (
    only_row integer primary key check (only_row = 1),
    last_seq integer not null,
    whole_seq integer not null,
    open_xid text,
    open_position text,
    open_committed_at text,
    open_changes integer,
    open_seen integer,
    open_repeated integer,
    held integer not null default 0
) strict;

insert into elt_stream (only_row, last_seq, whole_seq) values (1, 0, 0);

-- Source transactions that carried a position: one that is sent twice lands once.
--   position       the commit's LSN as a number, so that it sorts
--   xid            text, because xids wrap around and only identify; '' if the stream has none
create table elt_transactions (
    position integer not null,
    xid text not null,
    load_id integer not null,
    primary key (position, xid)
) strict, without rowid;

-- The catalogue of staging tables.
--   staging_table  stg_<table>, or stg_<schema>__<table> outside public
--   primary_key    JSON array of column names from the stream; null: it never contained them
--   identity       JSON array of the columns in the old key of the last update or delete; null: there was none
--   identity_full  1 if old keys look like whole rows (REPLICA IDENTITY FULL): they do not show a key
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
--   ordinal        the order of arrival, from 1; never reused
--   source_name    PostgreSQL's name
--   column_name    elt's name; differs if the source's begins with an underscore, or from another's only in case
--   pg_type        PostgreSQL's type from the stream; null if the stream has no types
--   sqlite_type    INTEGER, REAL, TEXT, or ANY (retyped in flight, or type unknown)
--   dropped_seq    the _seq from which the stream no longer has it; null while it does
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

-- Drift: changes that did not match their staging table.
--   kind           'added', 'dropped', 'retyped', 'renamed' (a name that elt had to change), 'returned', 'widened' (a
--                  column of numbers got NaN or an infinity: it is ANY from then on, and holds their text), 'rekeyed'
--                  (the stream names rows by other columns)
--   was, now       the types, the names, or the keys
--   stale          1 if rows that are not written again keep a value that PostgreSQL no longer has: the column was
--                  retyped to a type with other text, or it was dropped and has returned
create table elt_drift (
    drift_id integer primary key,
    _seq integer not null,
    load_id integer not null,
    staging_table text not null,
    kind text not null,
    column_name text,
    was text,
    now text,
    stale integer not null default 0,
    recorded_at text not null
) strict;

-- The key by which the stream names the rows that it updates and deletes: the columns of the replica identity, or
-- of the primary key where old rows come whole. One row for each time that it changed.
--   _seq           of the first change that was named so; of the relation's first change if only inserts came before
--   key            its columns in order of name, as _absent writes them: 'id', 'a,b'; '' if there is no key
--   was            the key before; null for the first one
--   whole          1 if old rows come whole (REPLICA IDENTITY FULL), so that any column can be read from them; null
--                  if that cannot be known (format 1 leaves null columns out, and names the primary key only where it
--                  is the identity)
create table elt_keys (
    staging_table text not null references elt_relations (staging_table),
    _seq integer not null,
    key text not null,
    was text,
    whole integer,
    primary key (staging_table, _seq)
) strict, without rowid;

-- What could not be decoded or landed, kept for inspection and for elt rejects retry.
--   record, change place in the source, from 1; change is null for a whole record
--   first_byte     offset in the decompressed source; length in bytes
--   bytes          all bytes up to 1 MiB, else the first of them (whole = 0); sha256 is the hash of all bytes
--   reason         a stable word; detail describes what was found
--   state          'open', or 'retried' after it has landed
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

-- Logical messages (pg_logical_emit_message): stored, not folded.
--   content        text; a blob where it is not UTF-8
create table elt_messages (
    _seq integer primary key,
    _load integer not null,
    _lsn text,
    _xid text,
    _committed_at text,
    prefix text not null,
    content any not null,
    transactional integer not null
) strict;

-- One row per model: how much of the stream it has taken in.
--   watermark      the last _seq taken in; 0: the next run fills the model from scratch
--   previous       the watermark before its last run
--   taken_tick     elt_clock.tick at the end of its last run: it has taken in the rows of changed_<table> below it
--   recording      1 if changes of this model's table are written to changed_<table>; 0 while all their
--                  readers will be filled from scratch anyway
--   rowless        of a current table: updates and deletes that named a row which has not come, since the table was
--                  filled from scratch or truncated: rows from before the slot. A generated fold counts them
--   rowless_seq    the first of them; null: none
create table elt_watermarks (
    model text primary key,
    watermark integer not null default 0,
    previous integer not null default 0,
    taken_tick integer not null default 0,
    recording integer not null default 0,
    rowless integer not null default 0,
    rowless_seq integer
) strict, without rowid;

-- Counts the runs of models: exactly one row.
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
    set
        previous = old.watermark,
        taken_tick = (select tick from elt_clock),
        rowless = iif(new.watermark = 0, 0, rowless),
        rowless_seq = iif(new.watermark = 0, null, rowless_seq)
    where model = new.model;
    update elt_watermarks
    set recording = watermark > 0 or exists (
        select 1 from elt_watermarks as mart where mart.watermark > 0 and mart.model not glob 'current_*'
    );
end;

-- Models that their next run will fill from scratch.
create view elt_unfilled as
select model from elt_watermarks where watermark = 0;

-- The last run of each SQL file by elt transform.
--   model          its name: that of the file
--   text_hash      SHA-256 of the file's text without comments and layout: an edit causes a rebuild; of a mart of one
--                  SELECT, of what decides over its rows
--   sql_hash       of a mart of one SELECT, SHA-256 of the upkeep that was run: where only that differs, it is run again
--                  and nothing is filled from scratch; null for other files
--   scaffolded     1 if that text was the unedited output of elt scaffold
--   generated_sql  the fold as elt scaffold would write it now, if an unedited file is out of date; else null
--   taken_seq      elt_stream.last_seq at its last run: a file that moves no watermark is run again once a staging table
--                  that it reads has later rows
--   taken_tick     elt_clock.tick then: such a file is also run again once a model that it reads has run since
--   inserted …     rows of its tables in its last run
create table elt_models (
    model text primary key,
    file text not null,
    text_hash text not null,
    sql_hash text,
    scaffolded integer not null,
    generated_sql text,
    taken_seq integer not null,
    taken_tick integer not null,
    last_run_at text not null,
    milliseconds real not null,
    inserted integer not null,
    updated integer not null,
    deleted integer not null,
    unchanged integer not null
) strict;

-- Models of current tables that stopped where the key of their relation changed, until their file or the keys change.
--   text_hash      of the model as it was tried, and keys the keys of the relation (JSON): while both are the same, a run
--                  need not try again
--   _seq           of the change of the key, or of the row that has null in it
--   reason, key    why the rows from before cannot be followed, and the key in question
create table elt_stops (
    model text primary key,
    text_hash text not null,
    keys text not null,
    _seq integer not null,
    reason text not null,
    key text not null,
    stopped_at text not null
) strict, without rowid;

-- The order of the models, computed from what their files read and write, under the hash of what it depends on.
create table elt_order (
    only_row integer primary key check (only_row = 1),
    hash text not null,
    plan text not null
) strict;

-- What a model of a current table has not taken in yet of the keys by which the stream names rows: the keys that are in
-- force in what is new (key), and the columns that were retyped in it with other text (retyped).
create view elt_keys_ahead as
with relation as (
    select
        'current_' || substr(elt_relations.staging_table, 5) as model,
        elt_relations.staging_table,
        coalesce(elt_watermarks.watermark, 0) as watermark,
        elt_stream.whole_seq
    from elt_relations
    cross join elt_stream
    left join elt_watermarks on elt_watermarks.model = 'current_' || substr(elt_relations.staging_table, 5)
)

select relation.model, elt_keys._seq, elt_keys.key, elt_keys.whole, null as retyped
from relation
join elt_keys on elt_keys.staging_table = relation.staging_table
where elt_keys._seq <= relation.whole_seq
    and not exists (
        select 1
        from elt_keys as later
        where later.staging_table = relation.staging_table
            and later._seq > elt_keys._seq
            and later._seq <= relation.watermark + 1
    )

union all

select relation.model, elt_drift._seq, null, null, elt_drift.column_name
from relation
join elt_drift on elt_drift.staging_table = relation.staging_table
where elt_drift.stale = 1
    and elt_drift._seq > relation.watermark
    and elt_drift._seq <= relation.whole_seq;
