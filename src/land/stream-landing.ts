import type {
    StreamBegin,
    StreamChange,
    StreamCommit,
    StreamEvent,
    StreamMessage,
    StreamReject,
} from '../core/stream-event.ts';
import type { Drift } from '../ledger/catalogue.ts';
import { forgetOpenEnd, type LoadRow, type NewLoad } from '../ledger/loads.ts';
import { saveReject } from '../ledger/rejects.ts';
import type { UnendedPlace } from '../ledger/unended-place.ts';
import type { Database } from '../sqlite/database.ts';
import type { LandingOptions } from './landing-options.ts';
import { LoadCommit } from './load-commit.ts';
import type { LoadCounts } from './load-counts.ts';
import { type Seen, SeenTransactions } from './seen-transactions.ts';
import { NO_TRANSACTION, type StreamTransaction } from './stream-transaction.ts';
import { strictError } from './strict-error.ts';

/**
 * One load: takes decoded changes in order, and commits whole source transactions together with the position after
 * them. A source that ends inside a transaction (format 2) is committed too; `elt_stream` then names the open
 * transaction, and models read only what comes before it. It continues in the next source, or is sent again.
 */
export class StreamLanding {
    /** Drift found by this load. */
    drifted: Drift[] = [];
    readonly #database: Database;
    readonly #options: LandingOptions;
    readonly #load: LoadCommit;
    #seen: Seen;
    #transaction: StreamTransaction;
    #inTransaction: boolean;
    /** Staged changes of the current source transaction. */
    #staged: number;
    /** Its changes that an earlier source has staged and that are sent again. */
    #toSkip: number;
    #isRepeating: boolean;
    #isInTail = false;
    /** No transaction has begun in this load: it is inside the one in which the last source ended. */
    #continues: boolean;

    constructor(database: Database, start: LoadRow | NewLoad, options: LandingOptions) {
        this.#database = database;
        this.#options = options;
        this.#load = new LoadCommit(database, start, options, options.policy);
        this.#seen = options.seen ?? new SeenTransactions(database, this.#load.loadId);
        const isApart = options.isApart === true;
        const { open_changes, open_seen: seen, ...open } = this.#load.stream.state;
        const staged = isApart ? null : open_changes;
        this.#isRepeating = !isApart && open.open_repeated === 1;
        this.#inTransaction = this.#continues = this.#isRepeating || staged !== null;
        this.#transaction = this.#isRepeating
            ? NO_TRANSACTION
            : { xid: open.open_xid, position: open.open_position, committedAt: open.open_committed_at };
        this.#staged = this.#isRepeating ? 0 : (staged ?? 0);
        this.#toSkip = this.#isRepeating ? 0 : this.#staged - (seen ?? 0);
    }

    get loadId(): number {
        return this.#load.loadId;
    }

    get counts(): Readonly<LoadCounts> {
        return this.#load.counts;
    }

    /** Byte after the last whole record; a commit reaches no further. */
    get position(): number {
        return this.#load.wholeEnd;
    }

    /** Changes and messages staged since the last commit. */
    get uncommitted(): number {
        return this.#load.uncommitted;
    }

    /** No source transaction is open: the load can pause here. */
    get isWhole(): boolean {
        return !this.#inTransaction;
    }

    take(event: StreamEvent): void {
        switch (event.kind) {
            case 'change':
                this.#takeRow(event);
                break;
            case 'begin':
                this.#takeBegin(event);
                break;
            case 'commit':
                this.#takeCommit(event);
                break;
            case 'recordEnd':
                this.#takeRecordEnd(event.offset, event.inTransaction);
                break;
            case 'message':
                this.#takeMessage(event);
                break;
            case 'reject':
                this.#takeReject(event);
                break;
            case 'batch':
                this.#takeBatch(event.offset);
        }
    }

    /** The source has ended at `offset`: commits everything, including an unfinished transaction, recorded as open. */
    finish(offset: number, unended: UnendedPlace | null = null): void {
        const { stream, stager } = this.#load;
        this.#load.releaseSavepoint();
        if (this.#options.isApart !== true) {
            stream.state.open_repeated = this.#isRepeating ? 1 : 0;
        }
        if (this.#inTransaction && !this.#isRepeating) {
            stream.open(this.#transaction, this.#staged, this.#staged - this.#toSkip);
        } else {
            stream.advance(stager.seq);
        }
        this.#load.endsInside = this.#transaction.position ?? (this.#isRepeating ? '' : null);
        this.#load.unended = unended;
        this.#load.reachWhole(offset);
        this.#load.finish();
    }

    /** The source ends inside a record of which the rest is not there yet: keeps what is whole before it. */
    leaveTorn(hasTakenBack: boolean): void {
        this.#load.leaveTorn(hasTakenBack);
        this.#forgetUndone();
    }

    /** Rows follow that no line break has ended: all or none of them. Returns the place to go back to. */
    beginTail(): UnendedPlace | null {
        this.#load.setSavepoint();
        this.#isInTail = true;
        return this.#load.placeBefore();
    }

    /** The source cannot be read further: keeps whole transactions and undoes the rest; the same command resumes. */
    stop(): void {
        this.#load.stop();
    }

    /** Undoes everything since the last commit, and ends; the source will send it again. */
    abandon(): void {
        this.#load.abandon();
    }

    /** Commits at the end of a batch, so that the caller can transform before `resume`. */
    pause(): void {
        this.#load.commit('loading');
    }

    resume(): void {
        if (this.#load.goOn()) {
            this.#seen = this.#options.seen ?? new SeenTransactions(this.#database, this.loadId);
        }
    }

    #takeBegin(event: StreamBegin): void {
        const needed = this.#options.needsPositions;
        if (needed !== null && event.position === null) {
            throw needed;
        }
        this.#staged = 0;
        if (this.#load.stream.isOpen(event)) {
            // Cut off by the end of the last source, and now sent again from its beginning.
            this.#toSkip = this.#staged = this.#load.stream.state.open_changes ?? 0;
        } else {
            this.#isRepeating = !this.#options.ignorePositions && this.#seen.has(event);
            this.#closeUnlessRepeating();
        }
        this.#transaction = event;
        this.#inTransaction = true;
        this.#continues = false;
        if (event.streamed || this.#options.strict) {
            this.#load.setSavepoint();
        }
    }

    /**
     * The open transaction is closed: it is whole now, or the stream has continued without its end. Older transactions
     * that are sent again come before it, and leave it open.
     */
    #closeUnlessRepeating(): void {
        if (!this.#isRepeating) {
            this.#load.stream.close(this.#load.stager.seq);
        }
    }

    #takeRow(row: StreamChange): void {
        if (this.#isSentAgain()) {
            return;
        }
        if (!this.#inTransaction && this.#options.needsPositions !== null) {
            throw this.#options.needsPositions;
        }
        const { stager, counts } = this.#load;
        stager.stage(row, this.#transaction);
        counts.changes++;
        this.#hasStaged();
    }

    #takeMessage(message: StreamMessage): void {
        if (this.#isSentAgain()) {
            return;
        }
        const { stager, counts } = this.#load;
        stager.stageMessage(message, this.#transaction);
        counts.messages++;
        this.#hasStaged();
    }

    #hasStaged(): void {
        const { stager } = this.#load;
        this.#load.firstSeq ??= stager.seq;
        this.#staged++;
        if (stager.drifted.length > 0) {
            this.drifted.push(...stager.drifted.splice(0));
        }
    }

    #isSentAgain(): boolean {
        if (this.#isRepeating || this.#toSkip > 0) {
            this.#toSkip = Math.max(0, this.#toSkip - 1);
            this.#load.counts.repeated++;
            return true;
        }
        return false;
    }

    #takeCommit(event: StreamCommit): void {
        if (!this.#isRepeating) {
            this.#seen.add(event);
        }
        if (this.#continues) {
            this.#load.beforeWrite();
            forgetOpenEnd(this.#database, this.loadId);
        }
        this.#load.releaseSavepoint();
        this.#closeUnlessRepeating();
        this.#endTransaction();
    }

    #endTransaction(): void {
        this.#transaction = NO_TRANSACTION;
        this.#inTransaction = this.#continues = this.#isRepeating = false;
        this.#load.stream.state.open_repeated = 0;
        this.#toSkip = 0;
        this.#staged = 0;
    }

    #takeBatch(offset: number): void {
        if (this.isWhole) {
            this.#load.reachWhole(offset);
        }
    }

    #takeRecordEnd(offset: number, inTransaction: boolean): void {
        const load = this.#load;
        load.counts.records++;
        if (inTransaction || this.#inTransaction || this.#isInTail) {
            return;
        }
        load.reachWhole(offset);
        load.stream.advance(load.stager.seq);
        // With `drift: freeze` the load is one SQLite transaction, so that nothing of it stays when a relation drifts.
        const isDue = load.uncommitted >= this.#options.commitRows && this.#options.policy.drift === 'evolve';
        if (isDue && load.commit('loading')) {
            this.#options.committed(load.counts);
            this.resume();
        }
    }

    #forgetUndone(): void {
        this.drifted = this.drifted.filter((drift) => drift.seq <= this.#load.stager.seq);
    }

    #takeReject(event: StreamReject): void {
        if (event.torn) {
            this.#load.undoToSavepoint();
            this.#forgetUndone();
            this.#endTransaction();
        }
        if (this.#isRepeating) {
            this.#load.counts.repeated++;
            return;
        }
        if (this.#options.strict) {
            throw strictError(event);
        }
        this.#load.beforeWrite();
        saveReject(this.#database, this.loadId, event.reject, event);
        this.#load.counts.rejected++;
    }
}
