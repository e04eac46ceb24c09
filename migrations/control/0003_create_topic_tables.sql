-- Topics of a Kafka cluster that are followed (`elt follow kafka://…`).

-- The cluster: at most one row, as one database follows one cluster.
--   name           brokers and topics as last named, for people; never a user or a password
--   cluster_id     who the cluster is: another one under the same name is refused
--   load_id        the load that every row of its topics belongs to
--   error          what the follower stopped at; null while all is well
create table elt_clusters (
    only_row integer primary key check (only_row = 1),
    name text not null,
    cluster_id text not null,
    load_id integer references elt_loads (load_id),
    error text,
    created_at text not null
) strict;

-- Where each partition is read on.
--   topic_id       the topic's own number: one that was deleted and created again has another
--   next_offset    the position: every message before it has landed, is in the rejects, or is none (the end of a
--                  transaction, one that was given up, one that was compacted away). Stored in the transaction of the rows
--   leader_epoch   the leader's epoch of the last batch that was read; −1: none was
--   record_time    when the last message that has landed was written, in milliseconds since 1970; null: none has
--   first_offset, end_offset, measured_at
--                  the first message that the broker had, and where the next one will be, when it was last heard
--   level_at       when it was last heard that nothing is missing here: what the database shows is no older than that;
--                  null: something always was
create table elt_topic_partitions (
    topic text not null,
    partition integer not null,
    topic_id text not null,
    next_offset integer not null,
    leader_epoch integer not null,
    record_time integer,
    first_offset integer not null,
    end_offset integer not null,
    measured_at text not null,
    level_at text,
    primary key (topic, partition)
) strict, without rowid;

-- Positions that a person has given up with --from, because messages were missing there.
--   reason         the code of the error that it answers
--   was_…, now_…   the topic and the offset before and after
create table elt_topic_resets (
    reset_id integer primary key,
    topic text not null,
    partition integer not null,
    reason text not null,
    was_topic_id text not null,
    was_offset integer not null,
    now_topic_id text not null,
    now_offset integer not null,
    reset_at text not null
) strict;

-- What elt_rejects cannot hold of a message that was put aside; its value is there.
--   offset         the place of the message in its partition
--   format         what it was taken for: json, wal2json, debezium, avro
--   key            null: it had none
--   is_null        1 if the value was null, which is not the same as an empty one
--   headers        JSON array of [name, value]; a value that is not UTF-8 is {"hex": "…"}
create table elt_topic_rejects (
    reject_id integer primary key references elt_rejects (reject_id),
    topic text not null,
    partition integer not null,
    offset integer not null,
    format text not null,
    record_time integer not null,
    key blob,
    is_null integer not null,
    headers text not null
) strict;
