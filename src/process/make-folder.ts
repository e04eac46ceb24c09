import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Like `mkdir -p`. Node's `recursive` loops forever on file systems that deny that the new folder exists (`/proc/x`).
 */
export function makeFolder(path: string): void {
    const folder = resolve(path);
    if (existsSync(folder)) {
        // If a file is in its place, the caller's first write fails.
        return;
    }
    makeFolder(dirname(folder));
    try {
        mkdirSync(folder);
    } catch (error) {
        // Another process may have created it meanwhile.
        if (!existsSync(folder)) {
            throw error;
        }
    }
}
