import type { RejectedBytes } from '../core/frame.ts';
import { isRefusal, refusalDetail } from '../core/refused-bytes.ts';
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
        const relation = `${shape.schema}.${shape.table}`;
        const reject = refusedAt(bytesOf(), offset, error);
        landing.take({ kind: 'reject', reject, record, change, torn: false, relation, xid, position: null });
    }
}

function refusedAt({ source, start, end }: EventBytes, offset: number, error: unknown): RejectedBytes {
    return rejectedBytes(source.subarray(start, end), offset, 'refused-by-sqlite', refusalDetail(error));
}
