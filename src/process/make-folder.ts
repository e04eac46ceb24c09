import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it. Not by Node's `recursive`, which never returns where a file system says that a
 * folder to be made is not there (`/proc/x`).
 */
export function makeFolder(path: string): void {
    const folder = resolve(path);
    if (existsSync(folder)) {
        // A file in its place is refused by whoever writes into it.
        return;
    }
    makeFolder(dirname(folder));
    try {
        mkdirSync(folder);
    } catch (error) {
        // Another process may have made it meanwhile.
        if (!existsSync(folder)) {
            throw error;
        }
    }
}
