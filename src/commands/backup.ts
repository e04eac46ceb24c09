import { withMigrated } from '../project/open-database.ts';
import { backupDatabase } from '../sqlite/backup.ts';
import type { RunCommand } from './command.ts';

export const backup: RunCommand = async ({ settings, output, options }, words) => {
    const file = words[0] ?? '';
    return await withMigrated(settings, { readonly: true }, async (database) => {
        const bytes = await backupDatabase(database, file, options.force === true);
        output.print(`backed up  ${settings.db} to ${file} (${(bytes / 1e6).toFixed(1)} MB)`);
        output.result({ database: settings.db, backup: file, bytes });
        return 0;
    });
};
