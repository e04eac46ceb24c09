import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { EltError, shorten } from '../core/errors.ts';
import { makeFolder } from '../process/make-folder.ts';
import { refuseLinkOut } from '../process/within-folder.ts';

/**
 * Writes a file of the project and creates its folder.
 * @throws EltError COMMAND_WRONG if the operating system refuses; PROJECT_LINK.
 */
export function writeProjectFile(project: string, path: string, shown: string, text: string): void {
    refuseLinkOut(project, path);
    try {
        makeFolder(dirname(path));
        writeFileSync(path, text);
    } catch (error) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `"${shorten(shown)}" cannot be written`,
            where: shorten(path, 300),
            state: 'the files before it were written; the database was not changed',
            next: 'check the permissions, the disk and the length of the name, then run the same command again',
            cause: shorten(error instanceof Error ? error.message : String(error), 300),
        });
    }
}
