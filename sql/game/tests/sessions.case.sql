-- case: a session ends with the next logout of its user that counts

-- given
insert into events (_seq, event_id, event_timestamp, event_type, user_id, discarded) values
    (1, 10, 1000, 'registration', 'anna', null),
    (2, 11, 1030, 'logout', 'bert', null),
    (3, 12, 1040, 'logout', 'anna', 'duplicate'),
    (4, 13, 1060, 'logout', 'anna', null),
    (5, 14, 1100, 'login', 'anna', null),
    (6, 15, 1101, 'logout', 'anna', null),
    (7, 16, 1200, 'login', 'anna', null);

-- expected
insert into sessions (session_id, session_length_seconds, session_valid, session_ended) values
    (10, 60, 1, 1),
    (14, 1, 0, 1),
    (16, null, 0, 0);
