import type { Frame, RejectedBytes } from './frame.ts';
import { rejectedBytes } from './rejected-bytes.ts';

/** The reject of a change that SQLite refuses (a value too large, too many columns); undefined for other errors. */
export function refusedBytes(frame: Frame, error: unknown): RejectedBytes | undefined {
    if (!isRefusal(error) || !('source' in frame)) {
        return undefined;
    }
    const bytes = frame.source.subarray(frame.start, frame.end);
    return rejectedBytes(bytes, frame.offset, 'refused-by-sqlite', refusalDetail(error));
}

/** Whether SQLite refuses the row itself, not the disk, the lock or the file. */
export function isRefusal(error: unknown): boolean {
    const code = (error as { readonly code?: string }).code ?? '';
    return /^SQLITE_(CONSTRAINT_DATATYPE|TOOBIG|MISMATCH|RANGE|ERROR)/.test(code);
}

export function refusalDetail(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
