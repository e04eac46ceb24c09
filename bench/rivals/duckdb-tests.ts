import type { TypedTable } from './typed-tables.ts';

/** The data tests of elt for DuckDB: queries that find bad rows. */

/** Of a current table, after the changes from `previous` on. */
export function tableTests({ source, name, key }: TypedTable, previous: number): readonly string[] {
    const changes = `stg_${source} where _seq > ${previous}`;
    return [
        `select "${key}" from ${name} group by "${key}" having count(*) > 1 or "${key}" is null`,
        // The last change of a key says whether its row is there.
        `with key_change as (
            select _seq, _op <> 'delete' as is_there, "${key}" as key from ${changes}
            union all
            select _seq, false, "_old_${key}" from ${changes} and "_old_${key}" is not null
        ),
        last_change as (
            select key, arg_max(is_there, _seq * 2 + is_there::INTEGER) as is_there from key_change group by key
        )
        select * from last_change
        where is_there <> (key in (select "${key}" from ${name}))`,
        // A change that names its row by another key would be folded as if there were no such row.
        `select 1 from raw
        where change."table" = '${source}' and change.kind <> 'insert'
            and not list_contains(change.oldkeys.keynames, '${key}')`,
    ];
}

/** Of `metrics`, whose definition is `select`. */
export function martTests(select: string): readonly string[] {
    return [
        'select event_id from metrics group by event_id having count(*) > 1 or event_id is null',
        `with definition as (${select})
        (select * from definition except all select * from metrics)
        union all
        (select * from metrics except all select * from definition)`,
        COUNT_NOT_RECONCILED,
    ];
}

/** `metrics__count_not_reconciled`: as many metrics as events that have all that they need, counted in another way. */
const COUNT_NOT_RECONCILED = `with requested_flow as (
    select distinct flow_id
    from current_transaction_request
    where token_id in (select token_id from current_payment_instrument_token_data)
)
select * from (
    select
        (
            select count(*) from current_event_v2_data
            where flow_id in (from requested_flow)
                and transaction_id in (select transaction_id from current_transaction)
        ) as events,
        (select count(*) from metrics) as metrics
)
where events <> metrics`;
