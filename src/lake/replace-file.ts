import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../process/make-folder.ts';
import { syncFolder } from '../process/sync-folder.ts';

/** How file systems on top of an object store refuse what they cannot do. */
const UNSUPPORTED = ['ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EPERM'];

/**
 * Replaces a small file as a whole and durably: by a rename within its folder, or, on a mounted object store without
 * renames, by writing it, which replaces the object when it is closed.
 */
export function replaceFile(file: string, text: string): void {
    makeFolder(dirname(file));
    const temporary = `${file}.${process.pid}.tmp`;
    try {
        writeSynced(temporary, text);
        renameSync(temporary, file);
    } catch (error) {
        rmSync(temporary, { force: true });
        if (!UNSUPPORTED.includes((error as NodeJS.ErrnoException).code ?? '')) {
            throw error;
        }
        writeSynced(file, text);
    }
    syncFolder(dirname(file));
}

function writeSynced(file: string, text: string): void {
    const opened = openSync(file, 'w');
    try {
        const bytes = Buffer.from(text);
        for (let written = 0; written < bytes.length; ) {
            written += writeSync(opened, bytes, written);
        }
        fsyncSync(opened);
    } finally {
        closeSync(opened);
    }
}
