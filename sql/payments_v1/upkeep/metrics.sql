-- upkeep: sql/payments_v1/marts/metrics.sql
-- how: 4 arms (current_event, current_transaction, current_transaction_request, current_payment_instrument_token); compared in full: never
-- scaffold: d5a237b34005ffd5

-- What the mart is, as its file says it.
drop view if exists metrics_now;
create view metrics_now as
-- Several requests may share a flow: of those that have their token the one with the greatest id counts.
-- Asked once for each request, which is rarer than once for each event.
with request as (
    select
        flow_id,
        token_id,
        vault_options
    from current_transaction_request as asked
    where not exists (
        select 1
        from current_transaction_request as later
        join current_payment_instrument_token as held on held.transaction_id = later.token_id
        where later.flow_id = asked.flow_id
            and later.transaction_request_id > asked.transaction_request_id
    )
)

select
    event.id,
    event.flow_id,
    event.created_at,
    event.transaction_lifecycle_event,
    case iif(json_valid(event.error_details), json_type(event.error_details, '$.decline_reason'), 'null')
        when 'text' then event.error_details ->> '$.decline_reason'
        when 'null' then null
        else event.error_details -> '$.decline_reason'
    end as decline_reason,
    case iif(json_valid(event.error_details), json_type(event.error_details, '$.decline_type'), 'null')
        when 'text' then event.error_details ->> '$.decline_type'
        when 'null' then null
        else event.error_details -> '$.decline_type'
    end as decline_type,
    case iif(json_valid(request.vault_options), json_type(request.vault_options, '$.payment_method'), 'null')
        when 'text' then request.vault_options ->> '$.payment_method'
        when 'null' then null
        else request.vault_options -> '$.payment_method'
    end as payment_method,
    payment.transaction_id,
    payment.transaction_type,
    payment.amount,
    payment.currency_code,
    payment.processor_merchant_account_id,
    token.three_d_secure_authentication,
    token.payment_instrument_type,
    case iif(json_valid(token.vault_data), json_type(token.vault_data, '$.customer_id'), 'null')
        when 'text' then token.vault_data ->> '$.customer_id'
        when 'null' then null
        else token.vault_data -> '$.customer_id'
    end as customer_id
from current_event as event
join current_transaction as payment on payment.transaction_id = event.transaction_id
join request on request.flow_id = event.flow_id
join current_payment_instrument_token as token on token.transaction_id = request.token_id;

-- The ways from changed rows to the others.
create index if not exists current_event_by_transaction_id on current_event (transaction_id);
create index if not exists current_event_by_flow_id on current_event (flow_id);
create index if not exists current_transaction_request_by_token_id on current_transaction_request (token_id);
create index if not exists current_transaction_request_by_flow_id on current_transaction_request (flow_id);

-- 1. Which keys the changes of this run reach: as rows were, and as they are.
create table if not exists metrics_dirty (
    id text not null,
    primary key (id)
) strict, without rowid;

delete from metrics_dirty;

insert or ignore into metrics_dirty (id)
select changed_event.id
from changed_event

union all

select event.id
from changed_transaction
cross join current_event as event on changed_transaction.transaction_id = event.transaction_id

union all

select event.id
from changed_transaction_request
cross join current_event as event on changed_transaction_request.flow_id = event.flow_id

union all

select event.id
from changed_payment_instrument_token
cross join current_transaction_request as later on changed_payment_instrument_token.transaction_id = later.token_id
cross join current_event as event on later.flow_id = event.flow_id;

-- A first run fills the table at once. The list of unfilled models comes first: where this one is not on it, no row is
-- read.
insert or ignore into elt_watermarks (model) values ('metrics');

delete from metrics
where rowid in (
        select metrics.rowid
        from elt_unfilled
        cross join metrics
        where elt_unfilled.model = 'metrics'
    );

insert into metrics (
    id, flow_id, created_at, transaction_lifecycle_event, decline_reason, decline_type, payment_method,
    transaction_id, transaction_type, amount, currency_code, processor_merchant_account_id,
    three_d_secure_authentication, payment_instrument_type, customer_id
)
select
    id, flow_id, created_at, transaction_lifecycle_event, decline_reason, decline_type, payment_method,
    transaction_id, transaction_type, amount, currency_code, processor_merchant_account_id,
    three_d_secure_authentication, payment_instrument_type, customer_id
from metrics_now
limit coalesce((select -1 from elt_unfilled where model = 'metrics'), 0);

-- Only now: made at once, by a sort, it costs a fraction of what it costs row by row.
create unique index if not exists key_metrics on metrics (id);

-- 2. The definition asked for those keys alone. A key that is null or there twice stops the run here.
create table if not exists metrics_fresh (
    id text not null,
    flow_id text,
    created_at text,
    transaction_lifecycle_event text,
    decline_reason text,
    decline_type text,
    payment_method text,
    transaction_id text,
    transaction_type text,
    amount integer,
    currency_code text,
    processor_merchant_account_id text,
    three_d_secure_authentication text,
    payment_instrument_type text,
    customer_id text,
    primary key (id)
) strict, without rowid;

delete from metrics_fresh;

insert into metrics_fresh (
    id, flow_id, created_at, transaction_lifecycle_event, decline_reason, decline_type, payment_method,
    transaction_id, transaction_type, amount, currency_code, processor_merchant_account_id,
    three_d_secure_authentication, payment_instrument_type, customer_id
)
select
    id, flow_id, created_at, transaction_lifecycle_event, decline_reason, decline_type, payment_method,
    transaction_id, transaction_type, amount, currency_code, processor_merchant_account_id,
    three_d_secure_authentication, payment_instrument_type, customer_id
from (
    with request as (
        select
            flow_id,
            token_id,
            vault_options
        from current_transaction_request as asked
        where not exists (
            select 1
            from current_transaction_request as later
            join current_payment_instrument_token as held on held.transaction_id = later.token_id
            where later.flow_id = asked.flow_id
                and later.transaction_request_id > asked.transaction_request_id
        )
    )

    select
        event.id,
        event.flow_id,
        event.created_at,
        event.transaction_lifecycle_event,
        case iif(json_valid(event.error_details), json_type(event.error_details, '$.decline_reason'), 'null')
            when 'text' then event.error_details ->> '$.decline_reason'
            when 'null' then null
            else event.error_details -> '$.decline_reason'
        end as decline_reason,
        case iif(json_valid(event.error_details), json_type(event.error_details, '$.decline_type'), 'null')
            when 'text' then event.error_details ->> '$.decline_type'
            when 'null' then null
            else event.error_details -> '$.decline_type'
        end as decline_type,
        case iif(json_valid(request.vault_options), json_type(request.vault_options, '$.payment_method'), 'null')
            when 'text' then request.vault_options ->> '$.payment_method'
            when 'null' then null
            else request.vault_options -> '$.payment_method'
        end as payment_method,
        payment.transaction_id,
        payment.transaction_type,
        payment.amount,
        payment.currency_code,
        payment.processor_merchant_account_id,
        token.three_d_secure_authentication,
        token.payment_instrument_type,
        case iif(json_valid(token.vault_data), json_type(token.vault_data, '$.customer_id'), 'null')
            when 'text' then token.vault_data ->> '$.customer_id'
            when 'null' then null
            else token.vault_data -> '$.customer_id'
        end as customer_id
    from current_event as event
    join current_transaction as payment on payment.transaction_id = event.transaction_id
    join request on request.flow_id = event.flow_id
    join current_payment_instrument_token as token on token.transaction_id = request.token_id
    where event.id in (select id from metrics_dirty)
);

-- 3. The table is made equal to it: rows that are gone are deleted, others written where they differ.
delete from metrics
where id in (select id from metrics_dirty)
    and not exists (
        select 1
        from metrics_fresh
        where metrics_fresh.id = metrics.id
    );

insert into metrics (
    id, flow_id, created_at, transaction_lifecycle_event, decline_reason, decline_type, payment_method,
    transaction_id, transaction_type, amount, currency_code, processor_merchant_account_id,
    three_d_secure_authentication, payment_instrument_type, customer_id
)
select
    id, flow_id, created_at, transaction_lifecycle_event, decline_reason, decline_type, payment_method,
    transaction_id, transaction_type, amount, currency_code, processor_merchant_account_id,
    three_d_secure_authentication, payment_instrument_type, customer_id
from metrics_fresh
where true
on conflict (id) do update
set (
        flow_id, created_at, transaction_lifecycle_event, decline_reason, decline_type, payment_method,
        transaction_id, transaction_type, amount, currency_code, processor_merchant_account_id,
        three_d_secure_authentication, payment_instrument_type, customer_id
    ) = (
        excluded.flow_id, excluded.created_at, excluded.transaction_lifecycle_event,
        excluded.decline_reason, excluded.decline_type, excluded.payment_method, excluded.transaction_id,
        excluded.transaction_type, excluded.amount, excluded.currency_code,
        excluded.processor_merchant_account_id, excluded.three_d_secure_authentication,
        excluded.payment_instrument_type, excluded.customer_id
    )
where (
        metrics.flow_id, metrics.created_at, metrics.transaction_lifecycle_event, metrics.decline_reason,
        metrics.decline_type, metrics.payment_method, metrics.transaction_id, metrics.transaction_type,
        metrics.amount, metrics.currency_code, metrics.processor_merchant_account_id,
        metrics.three_d_secure_authentication, metrics.payment_instrument_type, metrics.customer_id
    ) is distinct from (
        excluded.flow_id, excluded.created_at, excluded.transaction_lifecycle_event,
        excluded.decline_reason, excluded.decline_type, excluded.payment_method, excluded.transaction_id,
        excluded.transaction_type, excluded.amount, excluded.currency_code,
        excluded.processor_merchant_account_id, excluded.three_d_secure_authentication,
        excluded.payment_instrument_type, excluded.customer_id
    );

update elt_watermarks
set watermark = coalesce(
        (
            select min(watermark)
            from elt_watermarks
            where model in (
                'current_transaction_request', 'current_payment_instrument_token', 'current_event',
                'current_transaction'
            )
        ),
        (select whole_seq from elt_stream)
    )
where model = 'metrics';
