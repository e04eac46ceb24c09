import type { RejectedBytes } from '../core/frame.ts';
import type { Database } from '../sqlite/database.ts';
import { insertRow, updateRows } from './write-row.ts';

/** A row of `elt_rejects`; the migration that creates the table explains each column. */
export interface RejectRow {
    readonly reject_id: number;
    readonly load_id: number;
    readonly source: string;
    readonly record: number;
    readonly change: number | null;
    readonly first_byte: number;
    readonly length: number;
    readonly bytes: Buffer;
    readonly whole: number;
    readonly sha256: string | null;
    readonly reason: string;
    readonly detail: string;
    readonly relation: string | null;
    readonly xid: string | null;
    readonly position: string | null;
    readonly state: 'open' | 'retried';
    /** `topic/partition@offset` of a message of a topic; null: it is none. */
    readonly message: string | null;
}

/** Where a reject was found. */
interface RejectPlace {
    readonly record: number;
    readonly change: number | null;
    readonly relation: string | null;
    readonly xid: string | null;
    readonly position: string | null;
}

export function saveReject(database: Database, loadId: number, reject: RejectedBytes, place: RejectPlace): void {
    insertRow(database, 'elt_rejects', {
        load_id: loadId,
        record: place.record,
        change: place.change,
        first_byte: reject.offset,
        length: reject.length,
        bytes: reject.bytes,
        whole: reject.whole ? 1 : 0,
        sha256: reject.sha256,
        reason: reject.reason,
        detail: reject.detail,
        relation: place.relation,
        xid: place.xid,
        position: place.position,
        rejected_at: new Date().toISOString(),
    });
}

const SELECT_REJECTS = `select elt_rejects.*, elt_loads.source, message.topic || '/' || message.partition || '@' || message.offset as message
    from elt_rejects
    join elt_loads on elt_loads.load_id = elt_rejects.load_id
    left join elt_topic_rejects as message on message.reject_id = elt_rejects.reject_id`;

export function readRejects(database: Database): readonly RejectRow[] {
    return database.prepare(`${SELECT_REJECTS} order by elt_rejects.reject_id`).all() as RejectRow[];
}

export function readReject(database: Database, rejectId: number): RejectRow | undefined {
    return database.prepare(`${SELECT_REJECTS} where elt_rejects.reject_id = ?`).get(rejectId) as RejectRow | undefined;
}

export function countOpenRejects(database: Database): number {
    return database.prepare("select count(*) from elt_rejects where state = 'open'").pluck().get() as number;
}

export function markRetried(database: Database, rejectId: number): void {
    updateRows(database, 'elt_rejects', { state: 'retried' }, { reject_id: rejectId });
}
