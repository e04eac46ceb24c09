import { rejectedBytes } from '../core/rejected-bytes.ts';
import type { StreamEvent } from '../core/stream-event.ts';
import type { StreamLanding } from '../land/stream-landing.ts';

/** Where the bytes of an event are. */
export interface EventBytes {
    readonly source: Buffer;
    readonly start: number;
    readonly end: number;
}

/** Lands an event; a change that SQLite refuses (a value too large, too many columns) is put aside with its bytes. */
export function landEvent(landing: StreamLanding, event: StreamEvent, bytesOf: () => EventBytes): void {
    try {
        landing.take(event);
    } catch (error) {
        if (event.kind !== 'change' || !isRefusal(error)) {
            throw error;
        }
        const { shape, record, change, xid, offset } = event;
        const { source, start, end } = bytesOf();
        const reject = rejectedBytes(source.subarray(start, end), offset, 'refused-by-sqlite', error.message);
        const relation = `${shape.schema}.${shape.table}`;
        landing.take({ kind: 'reject', reject, record, change, torn: false, relation, xid, position: null });
    }
}

/** Whether SQLite refuses the row itself, not the disk, the lock or the file. */
function isRefusal(error: unknown): error is Error {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return /^SQLITE_(CONSTRAINT_DATATYPE|TOOBIG|MISMATCH|RANGE|ERROR)/.test(code);
}
