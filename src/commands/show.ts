import { EltError } from '../core/errors.ts';
import { withDatabase } from '../project/open-database.ts';
import { textTable } from '../report/text-table.ts';
import { firstRows, refuseUnknownTable, rowCount } from '../sqlite/read-tables.ts';
import type { RunCommand } from './command.ts';

const ROWS_DEFAULT = 10;

export const show: RunCommand = async ({ settings, output, options }, words) => {
    const table = words[0] ?? '';
    const limit = wholeNumber(options.limit ?? ROWS_DEFAULT, '--limit');
    return await withDatabase(settings, { readonly: true }, async (database) => {
        refuseUnknownTable(database, table);
        const { columns, rows } = firstRows(database, table, limit);
        const count = rowCount(database, table);
        for (const line of textTable(columns, rows)) {
            output.print(line);
        }
        output.print(output.dim(`${rows.length} of ${count} rows`));
        output.result({ table, count, columns, rows });
        return 0;
    });
};

/** The value of an option that is a whole number of at least 0. */
export function wholeNumber(value: unknown, option: string): number {
    const text = String(value);
    if (!/^\d{1,15}$/.test(text)) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `"${text}" is not a whole number`,
            next: `correct ${option}`,
        });
    }
    return Number(text);
}
