import { withDatabase } from '../project/open-database.ts';
import { textTable } from '../report/text-table.ts';
import { firstRows, refuseUnknownTable, rowCount } from '../sqlite/read-tables.ts';
import type { RunCommand } from './command.ts';
import { wholeNumber } from './whole-number.ts';

const ROWS_DEFAULT = 10;

export const show: RunCommand = async ({ settings, output, options }, words) => {
    const table = words[0] ?? '';
    const limit = wholeNumber(options.limit ?? ROWS_DEFAULT, '--limit');
    return await withDatabase(settings, { readonly: true }, async (database) => {
        refuseUnknownTable(database, table);
        const { columns, rows } = firstRows(database, table, limit);
        const count = rowCount(database, table);
        output.printLines(textTable(columns, rows));
        output.print(output.dim(`${rows.length} of ${count} rows`));
        output.result({ table, count, columns, rows });
        return 0;
    });
};
