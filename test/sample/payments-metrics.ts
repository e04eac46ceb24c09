/** The rows of the four tables, by table name; values by column name, as `JSON.parse` gives them. */
export type Tables = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

type Row = Readonly<Record<string, unknown>>;

/**
 * The rows of `metrics`, worked out without SQL: an event joined with its transaction, with the request of its flow
 * that has its token, and with that token. Of several such requests the one with the greatest `created_at`, then the
 * greatest `transaction_request_id`.
 */
export function metricsOf(tables: Tables): readonly Row[] {
    const transactions = byKey(tables.transaction ?? [], 'transaction_id');
    const tokens = byKey(tables.payment_instrument_token_data ?? [], 'token_id');
    const requests = new Map<unknown, Row>();
    for (const request of tables.transaction_request ?? []) {
        const rival = requests.get(request.flow_id);
        if (tokens.has(request.token_id) && (rival === undefined || comesAfter(request, rival))) {
            requests.set(request.flow_id, request);
        }
    }
    return (tables.event_v2_data ?? []).flatMap((event) => {
        const transaction = transactions.get(event.transaction_id);
        const request = requests.get(event.flow_id);
        const token = tokens.get(request?.token_id);
        return transaction && request && token ? [metricOf(event, transaction, request, token)] : [];
    });
}

function comesAfter(request: Row, rival: Row): boolean {
    const [left, right] = [String(request.created_at), String(rival.created_at)];
    return left === right
        ? String(request.transaction_request_id) > String(rival.transaction_request_id)
        : left > right;
}

function byKey(rows: readonly Row[], key: string): ReadonlyMap<unknown, Row> {
    return new Map(rows.map((row) => [row[key], row]));
}

function metricOf(event: Row, transaction: Row, request: Row, token: Row): Row {
    return {
        event_id: event.event_id,
        flow_id: event.flow_id,
        created_at: event.created_at,
        transaction_lifecycle_event: event.transaction_lifecycle_event,
        decline_reason: fieldOf(event.error_details, 'decline_reason'),
        decline_type: fieldOf(event.error_details, 'decline_type'),
        payment_method: fieldOf(request.vault_options, 'payment_method'),
        transaction_id: transaction.transaction_id,
        transaction_type: transaction.transaction_type,
        amount: transaction.amount,
        currency_code: transaction.currency_code,
        processor_merchant_account_id: transaction.processor_merchant_account_id,
        three_d_secure_authentication: token.three_d_secure_authentication,
        payment_instrument_type: token.payment_instrument_type,
        customer_id: fieldOf(token.vault_data, 'customer_id'),
    };
}

function fieldOf(jsonb: unknown, key: string): unknown {
    return jsonb === null ? null : (JSON.parse(String(jsonb)) as Row)[key];
}
