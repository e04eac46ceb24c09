/**
 * Rival: DuckDB doing the cleaning of the game's events, once, from scratch: `node game-duckdb.ts events.jsonl
 * out.duckdb`. Prints what each reason discarded, so that the result can be compared, and its own time and memory.
 */
import { DuckDBInstance } from '@duckdb/node-api';

const [input = '', output = ''] = process.argv.slice(2);

const STEPS: readonly string[] = [
    `create table lines as
    select line, row_number() over () as seq
    from read_csv(
        '${input.replaceAll("'", "''")}', columns = {'line': 'VARCHAR'}, delim = '\\x01', quote = '', escape = '',
        header = false
    )`,
    `create table events as
    with typed as (
        select seq, line, json_valid(line) as is_json, case when json_valid(line) then line::json end as event
        from lines
    ),
    fields as (
        select
            seq, line, is_json,
            json_type(event, '$.event_id') as id_type,
            json_type(event, '$.event_timestamp') as time_type,
            json_type(event, '$.event_data.user_id') as user_type,
            json_type(event, '$.event_data.transaction_amount') as amount_type,
            json_type(event, '$.event_data.marketing_campaign') as campaign_type,
            try_cast(event ->> '$.event_id' as bigint) as event_id,
            try_cast(event ->> '$.event_timestamp' as bigint) as moment,
            event ->> '$.event_type' as type,
            event ->> '$.event_data.user_id' as user_id,
            event ->> '$.event_data.country' as country,
            event ->> '$.event_data.device_os' as device_os,
            event ->> '$.event_data.marketing_campaign' as campaign,
            event ->> '$.event_data.name' as name,
            try_cast(event ->> '$.event_data.transaction_amount' as double) as amount,
            event ->> '$.event_data.transaction_currency' as currency
        from typed
    )
    select
        *,
        is_json and id_type in ('UBIGINT', 'BIGINT') and time_type in ('UBIGINT', 'BIGINT')
            and user_type = 'VARCHAR' and user_id <> ''
            and case type
                when 'registration'
                    then country <> '' and device_os in ('iOS', 'Android', 'Web')
                        and coalesce(campaign_type, 'NULL') in ('VARCHAR', 'NULL')
                when 'transaction'
                    then amount_type in ('DOUBLE', 'UBIGINT') and amount in (0.99, 1.99, 2.99, 4.99, 9.99)
                        and currency in ('EUR', 'USD')
                else type in ('login', 'logout')
            end as is_valid
    from fields`,
    `create table judged as
    with numbered as (
        select *, row_number() over (partition by event_id order by moment, line) as copy
        from events
        where is_valid
    ),
    placed as (
        select
            *,
            row_number() over in_time as place,
            sum((type = 'registration')::int) over in_time as registrations
        from numbered
        window in_time as (
            partition by user_id, copy > 1 order by moment, event_id rows unbounded preceding
        )
    ),
    stated as (
        select
            *,
            coalesce(max(case
                when type = 'registration' and registrations = 1 then place * 2 + 1
                when type = 'login' then place * 2 + 1
                when type = 'logout' then place * 2
            end) over (
                partition by user_id, copy > 1 order by place rows between unbounded preceding and 1 preceding
            ) % 2, 0) as is_in
        from placed
    )
    select
        * exclude (line),
        case
            when copy > 1 then 'duplicate'
            when registrations = 0 then 'not registered'
            when type = 'registration' and registrations > 1 then 'registered already'
            when type = 'login' and is_in = 1 then 'logged in already'
            when type in ('logout', 'transaction') and is_in = 0 then 'logged out'
        end as discarded
    from stated`,
    `create table sessions as
    with numbered as (
        select
            *,
            sum((type <> 'logout')::int) over (
                partition by user_id order by moment, event_id rows unbounded preceding
            ) as number
        from judged
        where discarded is null and type <> 'transaction'
    )
    select
        first(event_id order by place) as session_id, user_id, min(moment) as login_timestamp,
        max(case when type = 'logout' then moment end) as logout_timestamp
    from numbered
    group by user_id, number`,
    `create table users as
    select user_id, country, name, moment, device_os, campaign
    from judged
    where discarded is null and type = 'registration'`,
    `create table transactions as
    select event_id, user_id, moment, amount, currency
    from judged
    where discarded is null and type = 'transaction'`,
    `create table discarded as
    select judged.seq, judged.discarded as reason, lines.line
    from judged
    join lines using (seq)
    where judged.discarded is not null
    union all
    select seq, 'invalid', line
    from events
    where is_json and is_valid is not true`,
];

const instance = await DuckDBInstance.create(output, { threads: '2' });
const connection = await instance.connect();
const started = performance.now();
for (const step of STEPS) {
    await connection.run(step);
}
const seconds = (performance.now() - started) / 1000;
const counts = await connection.runAndReadAll(
    `select reason, count(*)::int as events from discarded group by reason
    union all select 'users', count(*)::int from users
    union all select 'sessions', count(*)::int from sessions
    union all select 'transactions', count(*)::int from transactions
    order by 1`,
);
connection.closeSync();
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
process.stdout.write(
    `${JSON.stringify({
        counts: Object.fromEntries(counts.getRows()),
        seconds,
        cpu_seconds: (userCPUTime + systemCPUTime) / 1e6,
        rss_mb: Math.round(maxRSS / 1024),
    })}\n`,
);
