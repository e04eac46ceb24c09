import type { Frame, RejectedBytes } from './frame.ts';
import { rejectedBytes } from './rejected-bytes.ts';

/** The reject of a change that SQLite refuses (a value too large, too many columns); undefined for other errors. */
export function refusedBytes(frame: Frame, error: unknown): RejectedBytes | undefined {
    const code = (error as { readonly code?: string }).code ?? '';
    const isRefusal = /^SQLITE_(CONSTRAINT_DATATYPE|TOOBIG|MISMATCH|RANGE|ERROR)/.test(code);
    if (!isRefusal || !('source' in frame)) {
        return undefined;
    }
    const bytes = frame.source.subarray(frame.start, frame.end);
    const detail = error instanceof Error ? error.message : String(error);
    return rejectedBytes(bytes, frame.offset, 'refused-by-sqlite', detail);
}
