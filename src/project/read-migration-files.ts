import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { textWithin } from '../process/within-folder.ts';
import type { MigrationFile } from '../sqlite/migrations/migration-file.ts';
import { sqlFileNames } from './sql-files.ts';

/** The migrations of the control tables, then those of the pipeline, each folder in order of name. */
export function readMigrationFiles(
    folders: { readonly control: string; readonly own: string },
    pipeline: string,
): readonly MigrationFile[] {
    return [...readControlMigrations(folders.control), ...readFolder(folders.own, pipeline)];
}

/** Those of elt itself. */
export function readControlMigrations(migrationsFolder: string): readonly MigrationFile[] {
    return readFolder(migrationsFolder, 'control');
}

function readFolder(migrationsFolder: string, folder: string): MigrationFile[] {
    const path = join(migrationsFolder, folder);
    const files = sqlFileNames(path);
    const readText = (file: string): string => textWithin(dirname(migrationsFolder), join(path, file));
    return files
        .filter((file) => !file.endsWith('.down.sql'))
        .map((file) => {
            const sql = readText(file);
            const downFile = file.replace(/\.sql$/, '.down.sql');
            return {
                name: `${folder}/${file.replace(/\.sql$/, '')}`,
                file: `migrations/${folder}/${file}`,
                sql,
                checksum: createHash('sha256').update(sql).digest('hex'),
                down: files.includes(downFile)
                    ? { file: `migrations/${folder}/${downFile}`, sql: readText(downFile) }
                    : undefined,
            };
        });
}
