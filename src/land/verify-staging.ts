import { readCatalogue } from '../store/catalogue.ts';
import type { Database } from '../store/database.ts';
import { ledgerOfTables, stagedRows } from '../store/staged-rows.ts';
import { bookkeepingLabels, columnLabel } from './row-plan.ts';
import { StagedCount } from './staged-count.ts';

/** A load's share of a staging table that is not what the ledger says. */
export interface StagingFault {
    readonly loadId: number;
    readonly stagingTable: string;
    readonly expectedRows: number;
    readonly foundRows: number;
    /** The rows are as many, but not the same. */
    readonly differs: boolean;
}

/** Counts and hashes every staged row again, and compares with the ledger. Memory does not grow with the table. */
export function verifyStaging(database: Database): readonly StagingFault[] {
    const found = new Map<string, StagedCount>();
    for (const relation of readCatalogue(database)) {
        const bookkeeping = [...bookkeepingLabels().entries()].filter(([, label]) => label !== null);
        const columns = [...bookkeeping.map(([name]) => name), ...relation.columns.map((column) => column.columnName)];
        const labels = [
            ...bookkeeping.map(([, label]) => label),
            ...relation.columns.map((column) => columnLabel(column.ordinal)),
        ];
        for (const [load, op, ...values] of stagedRows(database, relation, columns)) {
            const key = `${load} ${relation.stagingTable}`;
            const count = found.get(key) ?? new StagedCount();
            count.add(String(op), labels, values);
            found.set(key, count);
        }
    }
    const faults: StagingFault[] = [];
    for (const row of ledgerOfTables(database)) {
        const key = `${row.load_id} ${row.staging_table}`;
        const count = found.get(key) ?? new StagedCount();
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
