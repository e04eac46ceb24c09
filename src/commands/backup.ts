import { existsSync, realpathSync, statSync } from 'node:fs';
import { EltError } from '../core/errors.ts';
import { withMigrated } from '../project/open-database.ts';
import { backupDatabase } from '../sqlite/backup.ts';
import type { RunCommand } from './command.ts';

export const backup: RunCommand = async ({ settings, output, options }, words) => {
    const file = words[0] ?? '';
    return await withMigrated(settings, { readonly: true }, async (database) => {
        refuseTarget(file, settings.db, options.force === true);
        const { bytes } = await backupDatabase(database, file);
        output.print(`backed up  ${settings.db} to ${file} (${(bytes / 1e6).toFixed(1)} MB)`);
        output.result({ database: settings.db, backup: file, bytes });
        return 0;
    });
};

function refuseTarget(file: string, source: string, isForced: boolean): void {
    const refuse = (found: string, next: string): never => {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `"${file}" cannot be the backup of "${source}"`,
            found,
            state: 'nothing was written',
            next,
        });
    };
    if (existsSync(file)) {
        if (statSync(file).isDirectory()) {
            refuse('it is a folder; expected a file', 'name a file in it');
        }
        if (realpathSync(file) === realpathSync(source)) {
            refuse('it is the database itself', 'name another file');
        }
        if (!isForced) {
            refuse('it exists', 'name another file, or replace it with --force');
        }
    }
    for (const log of [`${file}-wal`, `${file}-journal`]) {
        // SQLite would use it as the log of the new file and write old pages into it.
        if (existsSync(log) && statSync(log).size > 0) {
            refuse(`"${log}" is not empty: the file is in use`, 'end the process that uses it, or name another file');
        }
    }
}
