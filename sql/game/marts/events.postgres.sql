-- row: one landed line, with its fields read and the verdict on it
-- key: _seq
-- why: what events.sql keeps up to date in SQLite with several statements, as one SELECT for PostgreSQL

-- A field that is not of its type is null; an integer is one of 64 bits, written without a fraction or an exponent.
with shared as (
    select
        _seq,
        line,
        case
            when event_id ~ '^-?(0|[1-9][0-9]{0,18})$'
                and cast(event_id as numeric) between -9223372036854775808 and 9223372036854775807
                then cast(cast(event_id as numeric) as bigint)
        end as event_id,
        case
            when event_timestamp ~ '^-?(0|[1-9][0-9]{0,18})$'
                and cast(event_timestamp as numeric) between -9223372036854775808 and 9223372036854775807
                then cast(cast(event_timestamp as numeric) as bigint)
        end as event_timestamp,
        case
            when json_typeof(cast(event_type as json)) = 'string'
                then cast(event_type as json) #>> '{}'
        end as event_type,
        case
            when json_typeof(cast(event_data as json) -> 'user_id') = 'string'
                then cast(event_data as json) ->> 'user_id'
        end as user_id,
        event_data
    from stg_events
),

typed as (
    select
        _seq,
        line,
        event_id,
        event_timestamp,
        event_type,
        user_id,
        case
            when event_type = 'registration' and json_typeof(cast(event_data as json) -> 'country') = 'string'
                then cast(event_data as json) ->> 'country'
        end as country,
        case
            when event_type = 'registration' and json_typeof(cast(event_data as json) -> 'name') = 'string'
                then cast(event_data as json) ->> 'name'
        end as name,
        case
            when event_type = 'registration' and json_typeof(cast(event_data as json) -> 'device_os') = 'string'
                then cast(event_data as json) ->> 'device_os'
        end as device_os,
        case
            when event_type = 'registration'
                then coalesce(json_typeof(cast(event_data as json) -> 'marketing_campaign'), 'null') in ('string', 'null')
        end as has_campaign,
        case
            when event_type = 'registration' and json_typeof(cast(event_data as json) -> 'marketing_campaign') = 'string'
                then cast(event_data as json) ->> 'marketing_campaign'
        end as marketing_campaign,
        case
            when event_type = 'transaction' and json_typeof(cast(event_data as json) -> 'transaction_amount') = 'number'
                then cast(cast(event_data as json) ->> 'transaction_amount' as double precision)
        end as amount,
        case
            when event_type = 'transaction' and json_typeof(cast(event_data as json) -> 'transaction_currency') = 'string'
                then cast(event_data as json) ->> 'transaction_currency'
        end as currency
    from shared
),

judged as (
    select
        *,
        coalesce(
            event_id is not null
            and event_timestamp is not null
            and user_id <> ''
            and case event_type
                when 'registration'
                    then country <> '' and device_os in ('iOS', 'Android', 'Web') and has_campaign
                when 'transaction'
                    then amount in (0.99::float8, 1.99::float8, 2.99::float8, 4.99::float8, 9.99::float8) and currency in ('EUR', 'USD')
                else event_type in ('login', 'logout')
            end,
            false
        ) as is_valid
    from typed
),

-- Of events that share an event_id the first stays, by time, then by the bytes of the line.
repeated as (
    select
        _seq,
        user_id,
        event_timestamp,
        event_id,
        case
            when row_number() over (partition by event_id order by event_timestamp, line collate "C", _seq) > 1 then 'duplicate'
            else event_type
        end as kind
    from judged
    where is_valid
),

placed as (
    select
        _seq,
        user_id,
        kind,
        row_number() over (partition by user_id order by event_timestamp, event_id, _seq) as place
    from repeated
),

-- Where the user's last login and logout before the event stand, also of those that are ignored, and the first
-- registration.
preceded as (
    select
        _seq,
        kind,
        min(case when kind = 'registration' then place end) over before_it as registered,
        coalesce(max(case when kind = 'login' then place end) over before_it, 0) as logged_in,
        coalesce(max(case when kind = 'logout' then place end) over before_it, 0) as logged_out
    from placed
    window before_it as (partition by user_id order by place rows between unbounded preceding and 1 preceding)
),

verdict as (
    select
        _seq,
        case
            when kind = 'duplicate' then 'duplicate'
            when kind = 'registration' then case when registered is not null then 'registered already' end
            when registered is null then 'not registered'
            when kind = 'login'
                then case when greatest(registered, logged_in) > logged_out then 'logged in already' end
            when not greatest(registered, logged_in) > logged_out then 'logged out'
        end as discarded
    from preceded
)

select
    judged._seq,
    case when is_valid then event_id end as event_id,
    event_timestamp,
    event_type,
    case when is_valid then user_id end as user_id,
    country,
    name,
    device_os,
    marketing_campaign,
    case when is_valid then amount end as amount,
    currency,
    case when is_valid then verdict.discarded else 'invalid' end as discarded
from judged
left join verdict on verdict._seq = judged._seq
