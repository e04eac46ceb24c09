import { countRows, type StagedCount } from '../land/staged-checksum.ts';
import { BOOKKEEPING } from '../land/staging/staging-ddl.ts';
import { addStoredValues } from '../land/write-values.ts';
import { readCatalogue } from '../ledger/catalogue.ts';
import { ledgerOfTables, stagedRows } from '../ledger/staged-rows.ts';
import type { Database } from '../sqlite/database.ts';
import { SqliteRowWriter } from '../sqlite/pages/sqlite-row-writer.ts';

/** A load's rows in a staging table that differ from the ledger. */
interface StagingFault {
    readonly loadId: number;
    readonly stagingTable: string;
    readonly expectedRows: number;
    readonly foundRows: number;
    /** The number of rows is right, but not their contents. */
    readonly differs: boolean;
}

/** Bytes of rows that are hashed at a time. */
const HASHED_BYTES = 64 * 1024;

/** Counts and hashes every staged row again and compares with the ledger. Memory does not grow with the table. */
export function verifyStaging(database: Database): readonly StagingFault[] {
    const found = new Map<string, StagedCount>();
    for (const relation of readCatalogue(database)) {
        const bookkeeping = BOOKKEEPING.map((column) => column.name).filter((name) => name !== '_seq');
        const columns = [...bookkeeping, ...relation.columns.map((column) => column.columnName)];
        const writer = new SqliteRowWriter();
        let open: StagedCount | undefined;
        const take = (): void => {
            if (open !== undefined) {
                countRows(open, writer, 0, writer.rowids.length);
                writer.truncate(0);
            }
        };
        for (const [load, ...values] of stagedRows(database, relation, columns)) {
            const key = `${load} ${relation.stagingTable}`;
            const count = found.get(key) ?? { rows: 0, checksum: 0 };
            found.set(key, count);
            if (count !== open || writer.length > HASHED_BYTES) {
                take();
                open = count;
            }
            writer.begin();
            writer.addNull();
            addStoredValues(writer, values);
            writer.end(0);
        }
        take();
    }
    return compareWithLedger(database, found);
}

function compareWithLedger(database: Database, found: Map<string, StagedCount>): readonly StagingFault[] {
    const faults: StagingFault[] = [];
    for (const row of ledgerOfTables(database)) {
        const key = `${row.load_id} ${row.staging_table}`;
        const count = found.get(key) ?? { rows: 0, checksum: 0 };
        found.delete(key);
        const differs = count.checksum !== row.checksum;
        if (count.rows !== row.staged_rows || differs) {
            faults.push(fault(key, row.staged_rows, count.rows, differs));
        }
    }
    return [...faults, ...[...found].map(([key, count]) => fault(key, 0, count.rows, true))];
}

function fault(key: string, expectedRows: number, foundRows: number, differs: boolean): StagingFault {
    const [loadId, ...table] = key.split(' ');
    return { loadId: Number(loadId), stagingTable: table.join(' '), expectedRows, foundRows, differs };
}
