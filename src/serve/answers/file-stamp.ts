import { type Stats, statSync } from 'node:fs';

/** A file that was modified so recently may be written again within the clock's tick. */
const UNSETTLED_MS = 50;

/** Changes when the file or folder does; empty if it does not exist. */
export function fileStamp(path: string): string {
    const status: Stats | undefined = statSync(path, { throwIfNoEntry: false });
    if (status === undefined) {
        return '';
    }
    const unsettled = Date.now() - status.mtimeMs < UNSETTLED_MS ? `.${performance.now()}` : '';
    return `${status.ino}.${status.size}.${status.mtimeMs}.${status.ctimeMs}${unsettled}`;
}
