-- case: of several requests of a flow the one with the greatest id that has its token counts

-- given
insert into current_event (id, flow_id, transaction_id, error_details) values
    (1, 'flow-1', 'payment-1', '{"decline_reason": "FRAUD", "decline_type": "HARD_DECLINE"}');
insert into current_transaction (transaction_id, amount, currency_code) values
    ('payment-1', 1250, 'EUR');
insert into current_transaction_request (transaction_request_id, flow_id, token_id, vault_options) values
    ('request-1', 'flow-1', 'token-1', '{"payment_method": "first"}'),
    ('request-2', 'flow-1', 'token-1', '{"payment_method": "second"}'),
    ('request-3', 'flow-1', 'its token never came', '{"payment_method": "third"}');
insert into current_payment_instrument_token (transaction_id, vault_data) values
    ('token-1', '{"customer_id": "customer-7"}');

-- expected
insert into metrics (id, decline_reason, decline_type, payment_method, amount, customer_id) values
    (1, 'FRAUD', 'HARD_DECLINE', 'second', 1250, 'customer-7');


-- case: an event whose transaction or token has not come is not counted yet
-- expect: no rows

insert into current_event (id, flow_id, transaction_id) values
    (1, 'flow-1', 'payment-1'),
    (2, 'flow-2', 'payment-2');
insert into current_transaction (transaction_id) values
    ('payment-1');
insert into current_transaction_request (transaction_request_id, flow_id, token_id) values
    ('request-1', 'flow-1', 'token-1'),
    ('request-2', 'flow-2', 'token-2');
insert into current_payment_instrument_token (transaction_id) values
    ('token-2');
