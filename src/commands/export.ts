import { EltError } from '../core/errors.ts';
import { didYouMeanOrList } from '../core/nearest-name.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import { withMigrated } from '../project/open-database.ts';
import { EXPORT_FORMATS } from '../publish/export-table.ts';
import { exportTables as exportNamed } from '../publish/export-tables.ts';
import { ProgressLine, rowProgress } from '../report/progress-line.ts';
import { counted, durationText } from '../report/text-table.ts';
import type { RunCommand } from './command.ts';

export const exportTables: RunCommand = async ({ settings, output, options }, words) => {
    const format = String(options.format ?? 'parquet');
    refuseFormat(format);
    const partitionBy = options.partitionBy === undefined ? null : String(options.partitionBy);
    const folder = String(options.out ?? '.');
    return await withMigrated(settings, { readonly: true }, async (database) => {
        const interrupt = listenForInterrupt();
        const progress = new ProgressLine(output.showsProgress);
        try {
            const exported = await exportNamed(
                database,
                words,
                { format, partitionBy, folder },
                {
                    begins: (table, rowsTotal) => async (rows) => {
                        progress.draw(() => rowProgress(table, rows, rowsTotal));
                        await interrupt.check('only the files of tables exported before were written');
                    },
                    ends: ({ path, rows, files }, milliseconds) => {
                        progress.clear();
                        const what = `${counted(rows, 'row')}, ${counted(files, 'file')}`;
                        output.print(`wrote  ${path}: ${what} (${durationText(milliseconds)})`);
                    },
                },
            );
            output.result({ exported });
            return 0;
        } finally {
            progress.clear();
            interrupt.dispose();
        }
    });
};

function refuseFormat(format: string): void {
    const names = Object.keys(EXPORT_FORMATS);
    if (!names.includes(format)) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `--format cannot be "${format}"`,
            found: didYouMeanOrList(format, names, 'formats'),
            next: 'correct --format',
        });
    }
}
