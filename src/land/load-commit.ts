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
} from '../ledger/loads.ts';
import { begin, commit, type Database, othersVersion, rollback } from '../sqlite/database.ts';
import { PendingRows } from './pending-rows.ts';
import { RowStager } from './row-stager.ts';
import type { DriftPolicy } from './staging/staging-tables.ts';
import { StreamProgress } from './stream-progress.ts';

/** The counts of a load so far, as in `elt_loads`. */
export interface LoadCounts {
    records: number;
    changes: number;
    messages: number;
    rejected: number;
    repeated: number;
}

/** What a load needs to know about its source's bytes. */
export interface SourcePlace {
    /**
     * Returns a function for the SHA-256 of the source's bytes before an offset, to be called before this is called again;
     * null if that digest is no longer available.
     */
    readonly digestAt: (offset: number) => (() => string) | null;
    /** The arrays that are open at the framer's place: plain data, stored as JSON. */
    readonly frameState: () => unknown;
    /** Called at the end of each commit's transaction, when all that has landed is written. */
    readonly beforeCommit?: () => void;
}

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
    /** Byte after the last whole record. */
    wholeEnd: number;
    readonly #database: Database;
    readonly #place: SourcePlace;
    readonly #policy: DriftPolicy;
    #wholeState: unknown;
    #seqAtWhole: number;
    #countsAtWhole: LoadCounts;
    #seqAtCommit: number;
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
        this.#countsAtWhole = { ...this.counts };
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
        this.stream.state.last_seq = this.stager.seq;
        saveProgress(this.#database, this.loadId, {
            ...this.counts,
            state,
            end_byte: this.wholeEnd,
            // Called only now: the reading thread may have computed it meanwhile.
            sha256: digest(),
            frame_state: JSON.stringify(this.#wholeState),
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
        try {
            // On a full or failing disk SQLite itself rolls the whole transaction back: what is written now would commit alone.
            if (this.#database.inTransaction) {
                this.#commitOrRollback();
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

    #commitOrRollback(): void {
        this.undoToSavepoint();
        const isWhole =
            !this.#isBroken &&
            this.stager.seq === this.#seqAtWhole &&
            this.counts.rejected === this.#countsAtWhole.rejected;
        // Records that were read after that place come again, and are counted then.
        this.counts = { ...this.#countsAtWhole };
        if (this.#policy.drift === 'freeze' || !isWhole || !this.commit('loading')) {
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
