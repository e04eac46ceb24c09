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
