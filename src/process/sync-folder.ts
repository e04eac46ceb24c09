import { closeSync, fsyncSync, openSync } from 'node:fs';

/** File systems that cannot sync a folder say so; on them a name is as durable as they make it. */
const UNSUPPORTED = ['EINVAL', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'];

/** A new or renamed file survives a power loss once its folder is synced. */
export function syncFolder(folder: string): void {
    const opened = openSync(folder, 'r');
    try {
        fsyncSync(opened);
    } catch (error) {
        if (!UNSUPPORTED.includes((error as NodeJS.ErrnoException).code ?? '')) {
            throw error;
        }
    } finally {
        closeSync(opened);
    }
}
