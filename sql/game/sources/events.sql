-- files: events*.jsonl
-- format: jsonl
-- why: fields as JSON, whatever their type: invalid values land too, and sql/game/marts/events.sql judges them. There
--   is no key: of lines that share an event_id one is kept and the others are counted, so every line must land.
create table events (
    event_id json,
    event_timestamp json,
    event_type json,
    event_data json,
    line record
);
