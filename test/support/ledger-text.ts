import type { Database } from '../../src/sqlite/database.ts';
import { rowsOf, tablesText } from './bench-database.ts';

/** What has landed, to be compared: rows, catalogue, drift, rejects. Times and (on request) load numbers are left out. */
export function landedText(database: Database, withLoads: boolean): Record<string, string[]> {
    const load = withLoads ? 'load_id,' : '';
    return {
        ...tablesText(database, ['stg_'], withLoads ? [] : ['_load']),
        messages: rowsOf(
            database,
            `select ${withLoads ? '_load,' : ''} _seq, prefix, content from elt_messages order by _seq`,
        ),
        // The keys that a stream names are those of the last shape that was new to the load: not a matter of rows.
        relations: rowsOf(
            database,
            'select staging_table, schema_name, table_name, first_seq from elt_relations order by staging_table',
        ),
        columns: rowsOf(database, 'select * from elt_columns order by staging_table, ordinal'),
        drift: rowsOf(
            database,
            `select ${load} _seq, staging_table, kind, column_name, was, now from elt_drift order by drift_id`,
        ),
        rejects: rowsOf(
            database,
            `select ${load} hex(bytes), length, reason, relation, xid from elt_rejects order by reject_id`,
        ),
        stream: rowsOf(database, 'select * from elt_stream'),
    };
}

/** The ledger itself, without its times. */
export function ledgerText(database: Database): Record<string, string[]> {
    return {
        loads: rowsOf(
            database,
            `select load_id, state, start_byte, end_byte, sha256, records, changes, messages, rejected, repeated,
                first_seq, last_seq
            from elt_loads order by load_id`,
        ),
        tables: rowsOf(database, 'select * from elt_load_tables order by load_id, staging_table'),
        transactions: rowsOf(database, 'select * from elt_transactions order by position, xid'),
    };
}
