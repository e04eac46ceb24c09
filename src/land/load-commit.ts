import { EltError } from '../core/errors.ts';
import {
    insertLoad,
    type LoadRow,
    type NewLoad,
    readLoad,
    readStaged,
    readStream,
    saveProgress,
    saveStaged,
    saveStream,
    shortenHead,
} from '../ledger/loads.ts';
import type { UnendedPlace } from '../ledger/unended-place.ts';
import { begin, commit, type Database, othersVersion, rollback } from '../sqlite/database.ts';
import type { SourcePlace } from './landing-options.ts';
import { copyCounts, type LoadCounts } from './load-counts.ts';
import { PendingRows } from './pending-rows.ts';
import { RowStager } from './row-stager.ts';
import type { DriftPolicy } from './staging/drift-policy.ts';
import { StreamProgress } from './stream-progress.ts';

/**
 * The SQLite transaction of a load.
 *
 * Owns the load's row of the ledger, the row of `elt_stream`, and the savepoint of a source transaction that may turn
 * out to be torn. Invariant: a commit holds the rows up to `wholeEnd`, that position and their counts; rows after it
 * are rolled back. A crash leaves the last commit.
 */
export class LoadCommit {
    readonly loadId: number;
    counts: LoadCounts;
    firstSeq: number | null;
    stream: StreamProgress;
    stager: RowStager;
    /** The position of the source transaction in which the source ends (empty: unknown); null: it ends in none. */
    endsInside: string | null = null;
    /** The place before a last row that was not ended; null: it was. */
    unended: UnendedPlace | null = null;
    /** Byte after the last whole record. */
    wholeEnd: number;
    readonly #database: Database;
    readonly #place: SourcePlace;
    readonly #policy: DriftPolicy;
    #wholeState: unknown;
    #seqAtWhole: number;
    #countsAtWhole: LoadCounts;
    #seqAtCommit: number;
    readonly #headBytes: number;
    /** The database's version when this load got the write lock. */
    #othersVersion: number;
    readonly #pending: PendingRows;
    /** `isSet`: the savepoint exists in SQLite too, because more than rows was written after it. */
    #savepoint: { readonly seq: number; readonly counts: LoadCounts; isSet: boolean } | null = null;
    /** Inserting rows has failed: the SQLite transaction is not complete. */
    #isBroken = false;

    /** Continues a load of the ledger, or begins a new one; in the caller's transaction if there is one. */
    constructor(database: Database, start: LoadRow | NewLoad, place: SourcePlace, policy: DriftPolicy) {
        this.#database = database;
        this.#place = place;
        this.#policy = policy;
        if (!database.inTransaction) {
            begin(database);
        }
        const load = 'load_id' in start ? start : readLoad(database, insertLoad(database, start));
        const { records, changes, messages, rejected, repeated } = load;
        this.loadId = load.load_id;
        this.#headBytes = load.head_bytes;
        this.counts = { records, changes, messages, rejected, repeated };
        this.#countsAtWhole = { ...this.counts };
        this.firstSeq = load.first_seq;
        this.wholeEnd = load.end_byte;
        this.#wholeState = JSON.parse(load.frame_state);
        this.stream = new StreamProgress(readStream(database));
        const { last_seq: lastSeq } = this.stream.state;
        this.#seqAtWhole = lastSeq;
        this.#seqAtCommit = lastSeq;
        this.#othersVersion = othersVersion(database);
        this.#pending = new PendingRows(database, readStaged(database, this.loadId));
        this.stager = this.#newStager(lastSeq);
    }

    /** Changes and messages staged since the last commit. */
    get uncommitted(): number {
        return this.stager.seq - this.#seqAtCommit;
    }

    /** Everything before `offset` is whole: the load can stop and resume there. */
    reachWhole(offset: number): void {
        this.wholeEnd = offset;
        this.#wholeState = this.#place.frameState();
        this.#seqAtWhole = this.stager.seq;
        copyCounts(this.counts, this.#countsAtWhole);
    }

    /** Where the load stands, before rows that may have to be taken back when the source grows. */
    placeBefore(): UnendedPlace | null {
        const digest = this.#place.digestAt(this.wholeEnd);
        const { records, changes, rejected } = this.#countsAtWhole;
        return digest === null
            ? null
            : {
                  kind: 'line',
                  end_byte: this.wholeEnd,
                  sha256: digest(),
                  frame_state: JSON.stringify(this.#wholeState),
                  records,
                  changes,
                  rejected,
                  first_seq: this.firstSeq,
                  last_seq: this.firstSeq === null ? null : this.#seqAtWhole,
                  seq: this.#seqAtWhole,
                  staged: this.#pending.counts(),
              };
    }

    /** What is staged from now on may have to be undone. */
    setSavepoint(): void {
        this.#pending.mark();
        this.#savepoint = { seq: this.stager.seq, counts: { ...this.counts }, isSet: false };
    }

    /** To be called before anything other than rows is written; rows are undone without SQLite. */
    beforeWrite(): void {
        if (this.#savepoint !== null && !this.#savepoint.isSet) {
            this.#database.exec('savepoint source_transaction');
            this.#savepoint.isSet = true;
        }
    }

    releaseSavepoint(): void {
        if (this.#savepoint?.isSet === true) {
            this.#database.exec('release source_transaction');
        }
        this.#savepoint = null;
        this.#pending.unmark();
    }

    /** Undoes everything since the savepoint, including DDL and rejects; the records since then stay counted. */
    undoToSavepoint(): void {
        if (this.#savepoint === null) {
            return;
        }
        const { seq, counts, isSet } = this.#savepoint;
        this.#pending.undoToMark();
        if (isSet) {
            this.#database.exec('rollback to source_transaction');
        }
        this.releaseSavepoint();
        this.counts = { ...counts, records: this.counts.records };
        this.stager = this.#newStager(seq);
    }

    /**
     * Commits up to `wholeEnd`; no rows after it may be staged. Does nothing and returns false if the digest of that
     * place is no longer available: then a later place is committed.
     */
    commit(state: LoadRow['state']): boolean {
        const digest = this.#place.digestAt(this.wholeEnd);
        if (digest === null) {
            return false;
        }
        const staged = this.#insertPending();
        // Asked for only now: the reading thread may have computed it meanwhile.
        const sha256 = digest();
        this.stream.state.last_seq = this.stager.seq;
        if (this.wholeEnd > 0 && this.wholeEnd < this.#headBytes) {
            shortenHead(this.#database, this.loadId, this.wholeEnd, sha256);
        }
        saveProgress(this.#database, this.loadId, {
            ...this.counts,
            state,
            end_byte: this.wholeEnd,
            sha256,
            frame_state: JSON.stringify(this.#wholeState),
            unended: this.unended === null ? null : JSON.stringify(this.unended),
            open_position: this.endsInside,
            first_seq: this.firstSeq,
            last_seq: this.firstSeq === null ? null : this.stager.seq,
        });
        saveStaged(this.#database, this.loadId, staged);
        saveStream(this.#database, this.stream.state);
        this.#place.beforeCommit?.();
        commit(this.#database);
        this.#pending.release();
        this.#seqAtCommit = this.stager.seq;
        return true;
    }

    /**
     * Begins the next part of the load, after `commit`. True: another process has written meanwhile, perhaps another load,
     * and the stream continues after that.
     * @throws EltError LOAD_TAKEN_OVER if it continued this very load.
     */
    goOn(): boolean {
        begin(this.#database);
        const version = othersVersion(this.#database);
        if (version === this.#othersVersion) {
            return false;
        }
        this.#othersVersion = version;
        const load: LoadRow | undefined = readLoad(this.#database, this.loadId);
        if (load?.end_byte !== this.wholeEnd) {
            rollback(this.#database);
            throw takenOver(this.loadId);
        }
        this.stream = new StreamProgress(readStream(this.#database));
        const { last_seq: lastSeq } = this.stream.state;
        this.#seqAtWhole = lastSeq;
        this.#seqAtCommit = lastSeq;
        this.stager = this.#newStager(lastSeq);
        return true;
    }

    #insertPending(): ReadonlyMap<string, { readonly rows: number; readonly checksum: number }> {
        this.#isBroken = true;
        const staged = this.#pending.insert((table) => this.stager.createTable(table));
        this.#isBroken = false;
        return staged;
    }

    #newStager(seq: number): RowStager {
        const { loadId } = this;
        const [database, pending, policy] = [this.#database, this.#pending, this.#policy];
        return new RowStager({ database, loadId, pending, policy, beforeWrite: () => this.beforeWrite() }, seq);
    }

    /**
     * Ends a load that cannot be finished: commits whole transactions and undoes the rest; with `drift: freeze` undoes
     * everything since the last commit.
     */
    stop(): void {
        this.#end(this.#policy.drift === 'freeze');
    }

    /** The source ends inside a record of which the rest is not there yet: whole transactions are committed. */
    leaveTorn(hasTakenBack: boolean): void {
        // Of a source of which nothing is whole there is nothing to know.
        this.#end(this.wholeEnd === 0 && !hasTakenBack);
    }

    #end(isUndone: boolean): void {
        try {
            // On a full or failing disk SQLite itself rolls the whole transaction back: what is written now would commit alone.
            if (this.#database.inTransaction) {
                this.#commitOrRollback(isUndone);
            }
        } finally {
            this.#pending.release();
            this.#pending.close();
        }
    }

    /** Undoes everything since the last commit, and ends. */
    abandon(): void {
        rollback(this.#database);
        this.#pending.release();
        this.#pending.close();
    }

    /** Everything is committed, and the source has ended. */
    finish(): void {
        this.commit('loaded');
        this.#pending.close();
    }

    #commitOrRollback(isUndone: boolean): void {
        this.undoToSavepoint();
        const isWhole =
            !this.#isBroken &&
            this.stager.seq === this.#seqAtWhole &&
            this.counts.rejected === this.#countsAtWhole.rejected;
        // Records that were read after that place come again, and are counted then.
        this.counts = { ...this.#countsAtWhole };
        if (isUndone || !isWhole || !this.commit('loading')) {
            rollback(this.#database);
        }
    }
}

function takenOver(loadId: number): EltError {
    return new EltError({
        code: 'LOAD_TAKEN_OVER',
        message: `another process continues load ${loadId}`,
        found: 'it landed the same source between two commits of this one',
        next: 'wait for it, then run the same command again, which lands the rest',
    });
}
