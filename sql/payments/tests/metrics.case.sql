-- case: an event is joined with its transaction, its request and its token

-- given
insert into current_event_v2_data (event_id, flow_id, transaction_id, error_details) values
    ('event-1', 'flow-1', 'payment-1', '{"decline_reason": "INSUFFICIENT_FUNDS", "decline_type": "SOFT_DECLINE"}');
insert into current_transaction (transaction_id, amount, currency_code) values
    ('payment-1', 1250, 'EUR');
insert into current_transaction_request (transaction_request_id, flow_id, token_id, vault_options) values
    ('request-1', 'flow-1', 'token-1', '{"payment_method": "PAYMENT_CARD"}');
insert into current_payment_instrument_token_data (token_id, payment_instrument_type, vault_data) values
    ('token-1', 'CARD', '{"customer_id": "customer-7"}');

-- expected
insert into metrics (event_id, decline_reason, decline_type, payment_method, amount, currency_code, customer_id) values
    ('event-1', 'INSUFFICIENT_FUNDS', 'SOFT_DECLINE', 'PAYMENT_CARD', 1250, 'EUR', 'customer-7');


-- case: of several requests of a flow the latest one that has its token counts

insert into current_event_v2_data (event_id, flow_id, transaction_id) values
    ('event-1', 'flow-1', 'payment-1');
insert into current_transaction (transaction_id) values
    ('payment-1');
insert into current_transaction_request (transaction_request_id, flow_id, created_at, token_id, vault_options) values
    ('first', 'flow-1', '2024-05-01 10:00:00', 'token-1', '{"payment_method": "first"}'),
    ('second', 'flow-1', '2024-05-01 10:00:07', 'token-2', '{"payment_method": "second"}'),
    ('its token never came', 'flow-1', '2024-05-01 10:00:09', 'token-3', '{"payment_method": "third"}');
insert into current_payment_instrument_token_data (token_id) values
    ('token-1'),
    ('token-2');

insert into metrics (event_id, payment_method) values
    ('event-1', 'second');


-- case: a request without a time comes before all that have one; of the same time the greater id counts

insert into current_event_v2_data (event_id, flow_id, transaction_id) values
    ('event-1', 'flow-1', 'payment-1'),
    ('event-2', 'flow-2', 'payment-1');
insert into current_transaction (transaction_id) values
    ('payment-1');
insert into current_transaction_request (transaction_request_id, flow_id, created_at, token_id, vault_options) values
    ('z', 'flow-1', null, 'token-1', '{"payment_method": "no time"}'),
    ('a', 'flow-1', '2024-05-01 10:00:00', 'token-1', '{"payment_method": "a time"}'),
    ('b', 'flow-2', '2024-05-01 10:00:00', 'token-1', '{"payment_method": "lesser id"}'),
    ('c', 'flow-2', '2024-05-01 10:00:00', 'token-1', '{"payment_method": "greater id"}');
insert into current_payment_instrument_token_data (token_id) values
    ('token-1');

insert into metrics (event_id, payment_method) values
    ('event-1', 'a time'),
    ('event-2', 'greater id');


-- case: an event whose transaction has not come is not counted yet
-- expect: no rows

insert into current_event_v2_data (event_id, flow_id, transaction_id) values
    ('event-1', 'flow-1', 'payment-1');
insert into current_transaction_request (transaction_request_id, flow_id, token_id) values
    ('request-1', 'flow-1', 'token-1');
insert into current_payment_instrument_token_data (token_id) values
    ('token-1');


-- case: details that are not JSON, or hold other types, are kept as PostgreSQL would show them

insert into current_event_v2_data (event_id, flow_id, transaction_id, error_details) values
    ('event-1', 'flow-1', 'payment-1', 'not JSON'),
    ('event-2', 'flow-1', 'payment-1', '{"decline_reason": 0.10, "decline_type": true}'),
    ('event-3', 'flow-1', 'payment-1', '{"decline_reason": null}');
insert into current_transaction (transaction_id) values
    ('payment-1');
insert into current_transaction_request (transaction_request_id, flow_id, token_id) values
    ('request-1', 'flow-1', 'token-1');
insert into current_payment_instrument_token_data (token_id) values
    ('token-1');

insert into metrics (event_id, decline_reason, decline_type) values
    ('event-1', null, null),
    ('event-2', '0.10', 'true'),
    ('event-3', null, null);
