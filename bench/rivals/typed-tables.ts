import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';

/** What every rival must make: the four typed tables and the mart, in words that each of them can follow. */
export interface TypedTables {
    readonly tables: readonly TypedTable[];
    /** `create index …`: how the mart's join finds its rows. */
    readonly indexes: readonly string[];
    readonly view: string;
    readonly mart: string;
}

export interface TypedTable {
    /** Its name in the stream. */
    readonly source: string;
    readonly name: string;
    readonly key: string;
    readonly columns: readonly { readonly name: string; readonly type: string; readonly pgType: string }[];
}

const KEYS: Readonly<Record<string, string>> = {
    event_v2_data: 'event_id',
    transaction: 'transaction_id',
    transaction_request: 'transaction_request_id',
    payment_instrument_token_data: 'token_id',
};

/** Read out of a database that elt made and out of the project's own SQL, so that all do the same work. */
export function typedTables(database: string, project: string): TypedTables {
    const opened = new Sqlite(database, { readonly: true });
    const columns = opened
        .prepare(
            `select table_name, column_name as name, sqlite_type as type, pg_type as pgType
            from elt_columns join elt_relations using (staging_table) order by staging_table, ordinal`,
        )
        .all() as { table_name: string; name: string; type: string; pgType: string }[];
    opened.close();
    const mart = readFileSync(join(project, 'sql', 'payments', 'upkeep', 'metrics.sql'), 'utf8');
    const table = readFileSync(join(project, 'migrations', 'payments', '0001_create_metrics.sql'), 'utf8');
    return {
        tables: Object.entries(KEYS).map(([source, key]) => ({
            source,
            name: `current_${source}`,
            key,
            columns: columns
                .filter((column) => column.table_name === source)
                .map(({ name, type, pgType }) => ({ name, type, pgType })),
        })),
        indexes: mart.match(/^create index[^;]*/gm) ?? [],
        view: /^create view metrics_now as[^;]*/m.exec(mart.replace(/^\s*--.*$/gm, ''))?.[0] ?? '',
        mart: /^create table metrics[^;]*/m.exec(table)?.[0] ?? '',
    };
}

export function createTable(table: TypedTable): string {
    const columns = table.columns.map((column) => `"${column.name}" ${column.type}`);
    return `create table ${table.name} (${columns.join(', ')}) strict`;
}

export function createKey(table: TypedTable): string {
    return `create unique index key_${table.source} on ${table.name} (${table.key})`;
}
