import { readDrift } from '../ledger/catalogue.ts';
import { withMigrated } from '../project/open-database.ts';
import { textTable } from '../report/text-table.ts';
import type { RunCommand } from './command.ts';

export const listDrift: RunCommand = async ({ settings, output }) => {
    return await withMigrated(settings, { readonly: true }, async (database) => {
        const drift = readDrift(database);
        const columns = ['_seq', 'staging_table', 'kind', 'column_name', 'was', 'now', 'recorded_at'] as const;
        const rows = drift.map((one) => columns.map((column) => one[column]));
        output.printLines(drift.length === 0 ? ['no drift'] : textTable(columns, rows));
        output.result({ drift });
        return 0;
    });
};
