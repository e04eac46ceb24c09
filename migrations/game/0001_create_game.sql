-- The published tables of the game, filled by sql/game/marts/. Timestamps are seconds since 1970 in UTC, as in the
-- events.

-- One row per user, from the first registration.
create table users (
    user_id text not null primary key,
    country text not null,
    name text,
    registration_timestamp integer not null,
    device_os text not null,
    marketing_campaign text
) strict;

create index users_by_country on users (country);

-- One row per session: from a login (or the registration) to the next logout.
--   session_id             the event_id of the event that began it
--   logout_timestamp       null while it is open, and so is its length
--   session_valid          1: it has ended and is longer than one second
--   session_ended          1: it has a logout
create table sessions (
    session_id integer not null primary key,
    user_id text not null,
    login_timestamp integer not null,
    logout_timestamp integer,
    session_length_seconds integer,
    session_valid integer not null,
    session_ended integer not null
) strict;

create index sessions_by_user on sessions (user_id, login_timestamp);
create index sessions_by_login on sessions (login_timestamp);

-- One row per purchase.
--   transaction_id         the event_id of its event
create table transactions (
    transaction_id integer not null primary key,
    user_id text not null,
    transaction_timestamp integer not null,
    amount real not null,
    currency text not null
) strict;

create index transactions_by_time on transactions (transaction_timestamp);

-- One row per event that does not count, with the reason. Lines that are not JSON are rejects (elt_rejects).
--   _seq                   its row in stg_events
create table discarded (
    _seq integer not null primary key,
    reason text not null,
    line text not null
) strict;

create index discarded_by_reason on discarded (reason);
