import type { StreamState } from '../ledger/loads.ts';
import type { StreamTransaction } from './stream-transaction.ts';

/**
 * How far the stream has landed: the row of `elt_stream` while a load runs.
 *
 * Owns what is open and how far models may read. Invariant: `whole_seq` never passes a row of a transaction whose end
 * has not landed, and does not move while the copy of a server's tables is held back.
 */
export class StreamProgress {
    readonly state: { -readonly [Key in keyof StreamState]: StreamState[Key] };

    constructor(state: StreamState) {
        this.state = { ...state };
    }

    /** Whether a transaction is the one that the last source ended inside of. */
    isOpen({ position, xid }: StreamTransaction): boolean {
        const { open_changes: changes, open_position: openPosition, open_xid: openXid } = this.state;
        if (changes === null) {
            return false;
        }
        return openPosition === null ? openXid !== null && openXid === xid : position === openPosition;
    }

    /** The source ends inside this one: `staged` of its changes are there, `seen` of them came in its last sending. */
    open({ xid, position, committedAt }: StreamTransaction, staged: number, seen: number): void {
        this.state.open_xid = xid;
        this.state.open_position = position;
        this.state.open_committed_at = committedAt;
        this.state.open_changes = staged;
        this.state.open_seen = seen;
    }

    /** No transaction is open any more. */
    close(seq: number): void {
        if (this.state.open_changes === null) {
            return;
        }
        this.state.open_xid = null;
        this.state.open_position = null;
        this.state.open_committed_at = null;
        this.state.open_changes = null;
        this.state.open_seen = null;
        this.advance(seq);
    }

    /** Models may read all that is staged, but for rows of a transaction whose end has not landed. */
    advance(seq: number): void {
        if (this.state.open_changes === null && this.state.held === 0) {
            this.state.whole_seq = seq;
        }
    }
}
