/** The source transaction that a change belongs to, as far as the stream identifies it. */
export interface StreamTransaction {
    readonly xid: string | null;
    readonly position: string | null;
    readonly committedAt: string | null;
}

export const NO_TRANSACTION: StreamTransaction = { xid: null, position: null, committedAt: null };
