-- Lakes: folders of Parquet to which staging is pushed (`elt lake push`), and from which marts are pulled.

-- A lake to which this database pushes.
--   lake           the folder, as an absolute path
--   source         what this database is called there: the folder of its parts
--   attempt        the name of a push, stored before it writes anything
--   token          the name of the push that wrote the manifest last; the manifest holds the same. A manifest that names
--                  neither token nor attempt was written by a copy of this file, or after the state that a backup has
--   whole_seq      elt_stream.whole_seq of that push: every change up to it is in the lake
create table elt_lakes (
    lake text primary key,
    source text not null,
    attempt text not null,
    token text,
    whole_seq integer,
    pushed_at text
) strict, without rowid;

-- The marts that were pulled from a lake into this file.
--   run            the run of the engine whose rows these are
--   whole_seq      JSON: how far the run had taken in each source
create table elt_pulls (
    mart text primary key,
    lake text not null,
    run text not null,
    whole_seq text not null,
    rows integer not null,
    pulled_at text not null
) strict, without rowid;
