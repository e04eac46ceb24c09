import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { TypedTable } from './typed-tables.ts';

/** What both DuckDB rivals share: how the file is read, and what `metrics` is. */

/** Resolves after `work`, with the file closed. */
export async function withDuckdb(file: string, work: (connection: DuckDBConnection) => Promise<void>): Promise<void> {
    const instance = await DuckDBInstance.create(file);
    const connection = await instance.connect();
    await work(connection);
    connection.closeSync();
    instance.closeSync();
}

/** Temporary, in the order of the file: its rows' numbers are their order. Numbers are read as text. */
export function readRecords(input: string): string {
    return `create temp table raw as
        select unnest(change) as change
        from read_json('${input}', format = 'array', columns = {
            change: 'STRUCT(kind VARCHAR, "table" VARCHAR, columnnames VARCHAR[], columnvalues VARCHAR[],
                oldkeys STRUCT(keynames VARCHAR[], keyvalues VARCHAR[]))[]'
        })`;
}

const TYPES: Readonly<Record<string, string>> = { INTEGER: 'BIGINT', REAL: 'DOUBLE', TEXT: 'VARCHAR' };

export function declared(column: TypedTable['columns'][number]): string {
    return `"${column.name}" ${TYPES[column.type]}`;
}

/** A value of the source as its column stores it. */
export function typed(value: string, column: TypedTable['columns'][number] | undefined): string {
    const type = TYPES[column?.type ?? ''] ?? 'VARCHAR';
    return column?.pgType === 'boolean'
        ? `${value}::BOOLEAN::BIGINT`
        : type === 'VARCHAR'
          ? value
          : `${value}::${type}`;
}

/** The rows of `metrics`; a value out of a document is the result of `read(column, path)`. */
export function metricsSelect(read: (column: string, path: string) => string): string {
    return `with request as (
    select *
    from current_transaction_request
    where token_id in (select token_id from current_payment_instrument_token_data)
    qualify row_number() over (
        partition by flow_id order by created_at desc nulls last, transaction_request_id desc
    ) = 1
)
select
    event.event_id, event.flow_id, event.created_at, event.transaction_lifecycle_event,
    ${read('event.error_details', '$.decline_reason')} as decline_reason,
    ${read('event.error_details', '$.decline_type')} as decline_type,
    ${read('request.vault_options', '$.payment_method')} as payment_method,
    payment.transaction_id, payment.transaction_type, payment.amount, payment.currency_code,
    payment.processor_merchant_account_id, token.three_d_secure_authentication, token.payment_instrument_type,
    ${read('token.vault_data', '$.customer_id')} as customer_id
from current_event_v2_data as event
join current_transaction as payment on payment.transaction_id = event.transaction_id
join request on request.flow_id = event.flow_id
join current_payment_instrument_token_data as token on token.token_id = request.token_id`;
}
