import type Database from 'better-sqlite3';
import type { Psql } from '../support/psql.ts';
import { readRows } from './current-tables.ts';
import type { Difference } from './difference.ts';

const WHAT = 'metrics against PostgreSQL';

/** The mart of the payments pipeline as PostgreSQL itself works it out, every value as text. */
const METRICS_SQL = `
    select distinct on (event.event_id)
        event.event_id::text as event_id,
        event.flow_id::text as flow_id,
        event.created_at::text as created_at,
        event.transaction_lifecycle_event::text as transaction_lifecycle_event,
        event.error_details ->> 'decline_reason' as decline_reason,
        event.error_details ->> 'decline_type' as decline_type,
        request.vault_options ->> 'payment_method' as payment_method,
        event.transaction_id::text as transaction_id,
        transaction.transaction_type::text as transaction_type,
        transaction.amount::text as amount,
        case when transaction.currency_code is null then null else format('%s', transaction.currency_code) end as currency_code,
        transaction.processor_merchant_account_id::text as processor_merchant_account_id,
        token.three_d_secure_authentication::text as three_d_secure_authentication,
        token.payment_instrument_type::text as payment_instrument_type,
        token.vault_data ->> 'customer_id' as customer_id
    from event_v2_data as event
    join transaction on transaction.transaction_id = event.transaction_id
    join transaction_request as request on request.flow_id = event.flow_id
    join payment_instrument_token_data as token on token.token_id = request.token_id
    order by event.event_id, request.created_at desc nulls last, request.transaction_request_id desc`;

export type MetricsRow = Readonly<Record<string, string | null>>;

export async function postgresMetrics(session: Psql): Promise<MetricsRow[]> {
    return await session.rows<MetricsRow>(METRICS_SQL);
}

export function compareMetrics(expected: readonly MetricsRow[], database: Database.Database): Difference[] {
    const got = new Map(readRows(database, 'metrics').map((row) => [String(row.event_id), row]));
    const differences: Difference[] = [];
    for (const row of expected) {
        const key = String(row.event_id);
        const match = got.get(key);
        got.delete(key);
        if (match === undefined) {
            differences.push({ what: WHAT, table: 'metrics', key, expected: row, got: undefined });
            continue;
        }
        for (const [column, value] of Object.entries(row)) {
            const stored = match[column];
            if (!sameText(value, stored === null || stored === undefined ? null : String(stored))) {
                differences.push({ what: WHAT, table: 'metrics', key, column, expected: value, got: stored });
            }
        }
    }
    for (const [key, row] of got) {
        differences.push({ what: WHAT, table: 'metrics', key, expected: undefined, got: row });
    }
    return differences;
}

/** Equal, or the same JSON object or array: SQLite and PostgreSQL put other white space and escapes into those. */
function sameText(left: string | null, right: string | null): boolean {
    return (
        left === right ||
        (left !== null && right !== null && canonical(left) !== undefined && canonical(left) === canonical(right))
    );
}

function canonical(text: string): string | undefined {
    if (!/^[[{]/.test(text)) {
        return undefined;
    }
    // A number stays as it is written: 0.10 is not 0.1 here.
    const exact = (_key: string, value: unknown, context?: { source?: string }): unknown =>
        typeof value === 'number' ? { number: context?.source } : value;
    return JSON.stringify(JSON.parse(text, exact as (this: unknown, key: string, value: unknown) => unknown));
}
