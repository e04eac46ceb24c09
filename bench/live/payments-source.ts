import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Cluster } from '../../test/support/postgres.ts';
import type { Psql } from '../../test/support/psql.ts';
import { literal } from '../ticks/batch.ts';
import { CLI, NODE, paymentsWords, sampleFile, WORKSHOP } from '../workshop.ts';

/** Keys of the four tables. */
const KEYS: Readonly<Record<string, string>> = {
    event_v2_data: 'event_id',
    payment_instrument_token_data: 'token_id',
    transaction: 'transaction_id',
    transaction_request: 'transaction_request_id',
};

/** A database with the marts of a sample. It is made once, and nobody may write to it. */
export function paymentsSample(records: number): string {
    const sample = join(WORKSHOP, `payments-${records}.db`);
    if (!existsSync(sample)) {
        execFileSync(NODE, [CLI, ...paymentsWords(sample), 'run', sampleFile(records).path], { stdio: 'ignore' });
    }
    return sample;
}

/** The payments tables in a new database of the cluster, filled with a sample; enums are text. The caller closes the session. */
export async function createPayments(cluster: Cluster, name: string, records: number): Promise<Psql> {
    const session = await cluster.createDatabase(name);
    const database = new Database(paymentsSample(records), { readonly: true });
    for (const [table, key] of Object.entries(KEYS)) {
        const columns = database
            .prepare(
                'select column_name as name, pg_type as type from elt_columns where staging_table = ? order by ordinal',
            )
            .all(`stg_${table}`) as { readonly name: string; readonly type: string }[];
        const list = columns.map(
            ({ name: column, type }) => `"${column}" ${/_type$|direction|status/.test(type) ? 'text' : type}`,
        );
        await session.sql(`create table "${table}" (${list.join(', ')}, primary key (${key}));`);
        const names = columns.map(({ name: column }) => `"${column}"`).join(', ');
        const rows = database.prepare(`select ${names} from "current_${table}"`).raw().all() as unknown[][];
        for (let from = 0; from < rows.length; from += 500) {
            const values = rows.slice(from, from + 500).map((row) => `(${row.map(literal).join(', ')})`);
            await session.sql(`insert into "${table}" values ${values.join(', ')};`);
        }
    }
    database.close();
    return session;
}

/** What `paymentScripts` writes is made of rows that are there; these two tables are not followed. */
export async function createSeeds(session: Psql): Promise<void> {
    await session.sql(`create table event_seeds as select row_number() over () as seed, * from event_v2_data;
        create table transaction_seeds as select row_number() over () as seed, transaction_id from transaction;
        alter table event_seeds add primary key (seed); alter table transaction_seeds add primary key (seed); analyze;`);
}

export const PAYMENTS_TABLES = Object.keys(KEYS).join(',');

/** Scripts of pgbench: a new event of a flow that is there, and an update of a transaction. Each is one row. */
export function paymentScripts(folder: string, columns: readonly string[]): readonly string[] {
    const others = columns
        .filter((name) => name !== 'event_id')
        .map((name) => `"${name}"`)
        .join(', ');
    const scripts = {
        'insert.sql': `\\set seed random(1, 6000)
insert into event_v2_data (event_id, ${others}) select gen_random_uuid(), ${others} from event_seeds where seed = :seed;
`,
        'update.sql': `\\set seed random(1, 1500)
\\set amount random(1, 100000)
update transaction set amount = :amount, updated_at = now()
where transaction_id = (select transaction_id from transaction_seeds where seed = :seed);
`,
    };
    return Object.entries(scripts).map(([name, text]) => {
        writeFileSync(join(folder, name), text);
        return join(folder, name);
    });
}
