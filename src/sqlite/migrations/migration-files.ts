import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { textWithin } from '../../process/within-folder.ts';

/** A migration, as in its file. */
export interface MigrationFile {
    /** `control/0001_create_control_tables`, `payments/0001_create_metrics`. */
    readonly name: string;
    /** `migrations/payments/0001_create_metrics.sql`, as shown in messages. */
    readonly file: string;
    readonly sql: string;
    /** SHA-256 of the file's bytes (line ends as LF), in hex. */
    readonly checksum: string;
    /** The SQL that undoes it, from `<name>.down.sql`; undefined if there is no such file. */
    readonly down: { readonly file: string; readonly sql: string } | undefined;
}

/** The migrations of the control tables, then those of the pipeline, each folder in order of name. */
export function readMigrationFiles(
    folders: { readonly control: string; readonly own: string },
    pipeline: string,
): readonly MigrationFile[] {
    return [...readFolder(folders.control, 'control'), ...readFolder(folders.own, pipeline)];
}

function readFolder(migrationsFolder: string, folder: string): MigrationFile[] {
    const path = join(migrationsFolder, folder);
    if (!existsSync(path)) {
        return [];
    }
    const files = readdirSync(path).sort();
    const readText = (file: string): string => textWithin(dirname(migrationsFolder), join(path, file));
    return files
        .filter((file) => file.endsWith('.sql') && !file.endsWith('.down.sql'))
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
