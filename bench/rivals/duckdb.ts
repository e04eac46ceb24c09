/**
 * Rival: DuckDB, tuned: the raw records as a temporary table of `VARCHAR[]`, one insert a table and column list, types
 * by cast, the tie broken by a window. The package is not the project's: its folder is given.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { TypedTables } from './typed-tables.ts';

const METRICS = `create table metrics as
with request as (
    select *
    from current_transaction_request
    where token_id in (select token_id from current_payment_instrument_token_data)
    qualify row_number() over (
        partition by flow_id order by created_at desc nulls last, transaction_request_id desc
    ) = 1
)
select
    event.event_id, event.flow_id, event.created_at, event.transaction_lifecycle_event,
    json_extract_string(event.error_details, '$.decline_reason') as decline_reason,
    json_extract_string(event.error_details, '$.decline_type') as decline_type,
    json_extract_string(request.vault_options, '$.payment_method') as payment_method,
    payment.transaction_id, payment.transaction_type, payment.amount, payment.currency_code,
    payment.processor_merchant_account_id, token.three_d_secure_authentication, token.payment_instrument_type,
    json_extract_string(token.vault_data, '$.customer_id') as customer_id
from current_event_v2_data as event
join current_transaction as payment on payment.transaction_id = event.transaction_id
join request on request.flow_id = event.flow_id
join current_payment_instrument_token_data as token on token.token_id = request.token_id`;

interface Connection {
    run(sql: string): Promise<unknown>;
    runAndReadAll(sql: string): Promise<{ getRows(): unknown[][] }>;
    closeSync(): void;
}

const [mode = '', input = '', output = '', specFile = '', packages = ''] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(join(packages, 'package.json'))('@duckdb/node-api');
const spec = JSON.parse(readFileSync(specFile, 'utf8')) as TypedTables;
const instance = await DuckDBInstance.create(output);
const connection = (await instance.connect()) as Connection;
if (mode === 'dump') {
    // Everything as text: how a number is printed is no part of what landed.
    const { rows } = { rows: (await connection.runAndReadAll(input)).getRows() };
    process.stdout.write(
        JSON.stringify(rows.map((row) => row.map((value) => (value === null ? null : String(value))))),
    );
} else {
    await work();
}
connection.closeSync();
instance.closeSync();

async function work(): Promise<void> {
    const types: Readonly<Record<string, string>> = { INTEGER: 'BIGINT', REAL: 'DOUBLE', TEXT: 'VARCHAR' };
    if (mode !== 'append') {
        for (const table of spec.tables) {
            const columns = table.columns.map((column) => `"${column.name}" ${types[column.type]}`);
            await connection.run(`create table if not exists ${table.name} (${columns.join(', ')})`);
        }
    }
    await connection.run(`create temp table raw as
        select unnest(change) as change
        from read_json('${input}', format = 'array', columns = {
            change: 'STRUCT(kind VARCHAR, "table" VARCHAR, columnnames VARCHAR[], columnvalues VARCHAR[],
                oldkeys STRUCT(keynames VARCHAR[], keyvalues VARCHAR[]))[]'
        })`);
    if (mode === 'append' || mode === 'upsert') {
        await keepLastChanges();
    }
    const shapes = await connection.runAndReadAll(
        "select distinct change.\"table\", array_to_string(change.columnnames, ',') from raw where change.kind <> 'delete'",
    );
    for (const [table, list] of shapes.getRows() as [string, string][]) {
        await insert(table, list.split(','));
    }
    if (mode === 'run' || mode === 'append') {
        await connection.run('drop table if exists metrics');
        await connection.run(METRICS);
    }
}

async function insert(source: string, names: readonly string[]): Promise<void> {
    const table = spec.tables.find((one) => one.source === source);
    const values = names.map((name, index) => {
        const column = table?.columns.find((one) => one.name === name);
        const value = `change.columnvalues[${index + 1}]`;
        if (column?.pgType === 'boolean') {
            return `${value}::BOOLEAN::BIGINT`;
        }
        return column?.type === 'INTEGER' ? `${value}::BIGINT` : column?.type === 'REAL' ? `${value}::DOUBLE` : value;
    });
    const where = `change.kind <> 'delete' and change."table" = '${source}'
        and array_to_string(change.columnnames, ',') = '${names.join(',')}'`;
    const list = names.map((name) => `"${name}"`).join(', ');
    await connection.run(`insert into current_${source} (${list}) select ${values.join(', ')} from raw where ${where}`);
}

/** Of each key the last change stays, and its row is taken out of the table: so one writes an upsert of a batch. */
async function keepLastChanges(): Promise<void> {
    for (const { source, name, key } of spec.tables) {
        await connection.run(`create temp table last_${source} as
            select raw.rowid as number, coalesce(
                change.columnvalues[list_position(change.columnnames, '${key}')], change.oldkeys.keyvalues[1]
            ) as key_value
            from raw where change."table" = '${source}'
            qualify row_number() over (partition by key_value order by raw.rowid desc) = 1`);
        await connection.run(`delete from ${name} where ${key} in (select key_value from last_${source})`);
        await connection.run(`delete from raw
            where change."table" = '${source}' and rowid not in (select number from last_${source})`);
    }
}
