import { EltError } from '../core/errors.ts';
import type { StreamReject } from '../core/stream-event.ts';

/** The error that stops a strict load. */
export function strictError(event: StreamReject): EltError {
    return new EltError({
        code: 'RECORD_REJECTED',
        message: `record ${event.record} cannot be decoded: ${event.reject.reason}`,
        where: `byte ${event.reject.offset}, ${event.reject.length} bytes`,
        found: event.reject.detail,
        next: 'repair the source, or load without --strict to put such records aside',
    });
}
