import { RefusedChange } from '../core/refused-change.ts';
import { rejectedBytes } from '../core/rejected-bytes.ts';
import type { StreamEvent } from '../core/stream-event.ts';
import type { StreamLanding } from '../land/stream-landing.ts';

/** Where the bytes of an event are. */
export interface EventBytes {
    readonly source: Buffer;
    readonly start: number;
    readonly end: number;
}

/** Lands an event; a change that its table, or SQLite, refuses (too many columns, a value too large) is put aside with its bytes. */
export function landEvent(landing: Pick<StreamLanding, 'take'>, event: StreamEvent, bytesOf: () => EventBytes): void {
    try {
        landing.take(event);
    } catch (error) {
        if (event.kind !== 'change' || !isRefusal(error)) {
            throw error;
        }
        const { shape, record, change, xid, offset } = event;
        const { source, start, end } = bytesOf();
        const reject = rejectedBytes(source.subarray(start, end), offset, reasonOf(error), error.message);
        const relation = `${shape.schema}.${shape.table}`;
        landing.take({ kind: 'reject', reject, record, change, torn: false, relation, xid, position: null });
    }
}

function reasonOf(error: Error): string {
    return error instanceof RefusedChange ? error.reason : 'refused-by-sqlite';
}

/** Whether the row itself is refused, not the disk, the lock or the file. */
function isRefusal(error: unknown): error is Error {
    if (error instanceof RefusedChange) {
        return true;
    }
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return /^SQLITE_(CONSTRAINT_DATATYPE|TOOBIG|MISMATCH|RANGE|ERROR)/.test(code);
}
