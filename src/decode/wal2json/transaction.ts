import type { StreamReject } from '../../core/stream-event.ts';
import { asOptionalText, type JsonObject } from '../json-checks.ts';

/** What is known about the current transaction. */
export interface Transaction {
    readonly xid: string | null;
    readonly position: string | null;
    readonly committedAt: string | null;
    readonly record: number;
    readonly offset: number;
}

export const NO_TRANSACTION: Transaction = { xid: null, position: null, committedAt: null, record: 0, offset: 0 };

/** The transaction as a record's members describe it, with gaps filled from what was known before. */
export function format1Members(
    members: JsonObject,
    before: Transaction,
): Pick<Transaction, 'xid' | 'position' | 'committedAt'> {
    return {
        xid: asOptionalText(members.xid, 'xid') ?? before.xid,
        position: asOptionalText(members.nextlsn, 'nextlsn') ?? before.position,
        committedAt: asOptionalText(members.timestamp, 'timestamp') ?? before.committedAt,
    };
}

/** The same for a B or C of format 2, whose position is `nextlsn`, or else `lsn`. */
export function format2Members(
    object: JsonObject,
    before: Transaction,
): Pick<Transaction, 'xid' | 'position' | 'committedAt'> {
    const members = format1Members(object, before);
    return { ...members, position: members.position ?? asOptionalText(object.lsn, 'lsn') };
}

/** The place of a change of format 1. */
export interface ChangePlace {
    readonly lsn: null;
    readonly xid: string | null;
    readonly record: number;
    readonly change: number;
    readonly offset: number;
}

/** The place of a record of format 2: its bytes `[from, to)`. */
export interface RecordPlace {
    readonly record: number;
    readonly from: number;
    readonly to: number;
}

/** The reject of a transaction that ends at `offset` without its commit, and is to be undone. */
export function tornTransaction(
    { xid, position, offset: from }: Transaction,
    record: number,
    offset: number,
): StreamReject {
    const detail = 'the next transaction begins before this one has ended';
    const gone = { offset: from, length: offset - from, bytes: Buffer.alloc(0), whole: false, sha256: null };
    const reject = { ...gone, reason: 'transaction-not-ended', detail };
    return { kind: 'reject', reject, record, change: null, torn: true, relation: null, xid, position };
}
