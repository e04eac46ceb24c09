-- case: what a user does counts only between a login and a logout

-- given, in the order in which the lines landed
insert into stg_events (_seq, event_id, event_timestamp, event_type, event_data, line) values
    (1, '10', '1000', '"registration"', '{"user_id": "anna", "country": "DE", "name": "Anna", "device_os": "iOS"}', 'a'),
    (2, '11', '1060', '"logout"', '{"user_id": "anna"}', 'b'),
    (3, '12', '1070', '"logout"', '{"user_id": "anna"}', 'c'),
    (4, '13', '1080', '"login"', '{"user_id": "anna"}', 'd'),
    (5, '14', '1090', '"login"', '{"user_id": "anna"}', 'e'),
    (6, '15', '1100', '"login"', '{"user_id": "bert"}', 'f');

-- expected
insert into events (_seq, user_id, event_type, discarded) values
    (1, 'anna', 'registration', null),
    (2, 'anna', 'logout', null),
    (3, 'anna', 'logout', 'logged out'),
    (4, 'anna', 'login', null),
    (5, 'anna', 'login', 'logged in already'),
    (6, 'bert', 'login', 'not registered');


-- case: of events that share an id the earliest stays, and a field of another type makes a line invalid

insert into stg_events (_seq, event_id, event_timestamp, event_type, event_data, line) values
    (1, '20', '1005', '"login"', '{"user_id": "anna"}', 'landed first'),
    (2, '20', '1000', '"registration"', '{"user_id": "anna", "country": "DE", "device_os": "Web"}', 'happened first'),
    (3, '"21"', '1010', '"logout"', '{"user_id": "anna"}', 'its id is a text');

insert into events (_seq, event_id, discarded) values
    (1, 20, 'duplicate'),
    (2, 20, null),
    (3, null, 'invalid');
