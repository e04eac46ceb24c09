import { EltError } from '../core/errors.ts';
import { didYouMeanOrList } from '../core/nearest-name.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import { withMigrated } from '../project/open-database.ts';
import { EXPORT_FORMATS, type ExportResult, exportTable } from '../publish/export-table.ts';
import { RowProgress } from '../report/row-progress.ts';
import { counted, durationText } from '../report/text-table.ts';
import { quoteName } from '../sql/quote.ts';
import type { RunCommand } from './command.ts';
import { refuseUnknownTable } from './refuse-table.ts';

export const exportTables: RunCommand = async ({ settings, output, options }, words) => {
    const format = String(options.format ?? 'parquet');
    refuseFormat(format);
    const partitionBy = options.partitionBy === undefined ? null : String(options.partitionBy);
    const folder = String(options.out ?? '.');
    return await withMigrated(settings, { readonly: true }, async (database) => {
        for (const table of words) {
            refuseUnknownTable(database, table);
        }
        const interrupt = listenForInterrupt();
        // Sorting a whole table is done on disk. One transaction reads all tables in the same state.
        database.pragma('temp_store = FILE');
        database.exec('begin');
        try {
            const exported: ExportResult[] = [];
            for (const table of words) {
                const started = performance.now();
                const count = database
                    .prepare(`select count(*) from ${quoteName(table)}`)
                    .pluck()
                    .get() as number;
                const progress = new RowProgress(table, count, output.showsProgress);
                const breathe = async (rows: number): Promise<void> => {
                    progress.update(rows);
                    await interrupt.check('only the files of tables exported before were written');
                };
                const request = { table, format, partitionBy, folder, breathe };
                const result = await exportTable(database, request).finally(() => progress.clear());
                exported.push(result);
                const what = `${counted(result.rows, 'row')}, ${counted(result.files, 'file')}`;
                output.print(`wrote  ${result.path}: ${what} (${durationText(performance.now() - started)})`);
            }
            output.result({ exported });
            return 0;
        } finally {
            database.exec('rollback');
            interrupt.dispose();
        }
    });
};

function refuseFormat(format: string): void {
    if (!Object.hasOwn(EXPORT_FORMATS, format)) {
        const names = Object.keys(EXPORT_FORMATS);
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `--format cannot be "${format}"`,
            found: didYouMeanOrList(format, names, 'formats'),
            next: 'correct --format',
        });
    }
}
