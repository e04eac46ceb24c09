import type { Decoded, DecodedBegin, DecodedCommit, DecodedMessage, DecodedReject, DecodedRow } from '../change.ts';
import { EltError } from '../errors.ts';
import { begin, commit, type Database, rollback } from '../store/database.ts';
import {
    insertLoad,
    type LoadRow,
    type NewLoad,
    readLoad,
    readStaged,
    readStream,
    type StreamState,
    saveProgress,
    saveStaged,
    saveStream,
} from '../store/ledger.ts';
import { saveReject } from '../store/rejects.ts';
import { Lander, type SourceTransaction } from './lander.ts';
import { SeenTransactions } from './seen-transactions.ts';

/** More rows a commit do not pay. */
const COMMIT_ROWS_MIN = 1_000;

export interface LandingOptions {
    /** Land also what the ledger says was landed before. */
    readonly asNew: boolean;
    /** Stop at the first change that cannot be decoded. */
    readonly strict: boolean;
    /** SHA-256 of the source's bytes before an offset; null where it can no longer be told. */
    readonly digestAt: (offset: number) => string | null;
    /** Which arrays are open where the framer stands: plain data, stored as JSON. */
    readonly frameState: () => unknown;
    /** Thrown if the stream carries no positions: then only they could tell what is new in a changed file. */
    readonly needsPositions: EltError | null;
    /** Rows that are committed together; null: as many as suit the engine. */
    readonly commitRows: number | null;
    /** Told after each commit. */
    readonly committed: (landing: Landing) => void;
}

const NO_TRANSACTION: SourceTransaction = { xid: null, position: null, committedAt: null };

/**
 * One load: takes decoded changes in order and commits them together with the position that they were read up to.
 *
 * Owns the open SQLite transaction and the load's row of the ledger. Invariant: a commit holds whole source
 * transactions only (but for the end of a source that ends inside one, which `elt_stream` then says), the position
 * behind them, and their counts. A crash leaves the last commit: the same command reads on from its position.
 */
export class Landing {
    readonly counts: { records: number; changes: number; messages: number; rejected: number; repeated: number };
    firstSeq: number | null;
    readonly loadId: number;
    private readonly database: Database;
    private readonly options: LandingOptions;
    private readonly seen: SeenTransactions;
    private readonly stream: { -readonly [Key in keyof StreamState]: StreamState[Key] };
    private lander: Lander;
    private transaction = NO_TRANSACTION;
    private inTransaction: boolean;
    private savepoint: { readonly seq: number; readonly staged: Lander['staged'] } | null = null;
    private isRepeating = false;
    private toSkip = 0;
    private rowsAtCommit = 0;
    private wholeEnd: number;
    private wholeState: unknown;

    /** Goes on with a load of the ledger, or begins a new one. */
    constructor(database: Database, start: LoadRow | NewLoad, options: LandingOptions) {
        this.database = database;
        this.options = options;
        begin(database);
        const load = 'load_id' in start ? start : readLoad(database, insertLoad(database, start));
        this.loadId = load.load_id;
        this.counts = {
            records: load.records,
            changes: load.changes,
            messages: load.messages,
            rejected: load.rejected,
            repeated: load.repeated,
        };
        this.firstSeq = load.first_seq;
        this.wholeEnd = load.end_byte;
        this.wholeState = JSON.parse(load.frame_state);
        this.stream = { ...readStream(database) };
        this.inTransaction = this.stream.open_changes !== null;
        const { open_xid: xid, open_position: position } = this.stream;
        this.transaction = { xid, position, committedAt: null };
        this.seen = new SeenTransactions(database, this.loadId);
        this.lander = this.newLander();
    }

    get lastSeq(): number {
        return this.lander.seq;
    }

    /** Drift that this load has met. */
    get drifted() {
        return this.lander.tables.drifted;
    }

    /** Byte behind the last whole record: what is committed at most. */
    get position(): number {
        return this.wholeEnd;
    }

    take(event: Decoded): void {
        switch (event.kind) {
            case 'row':
                this.takeRow(event);
                break;
            case 'begin':
                this.takeBegin(event);
                break;
            case 'commit':
                this.takeCommit(event);
                break;
            case 'recordEnd':
                this.takeRecordEnd(event.offset, event.inTransaction);
                break;
            case 'message':
                this.takeMessage(event);
                break;
            case 'reject':
                this.takeReject(event);
                break;
            case 'batch':
                this.reachWhole(event.offset);
        }
    }

    /** The source has ended at `offset`: everything is committed, an unfinished transaction as such. */
    finish(offset: number): void {
        if (this.inTransaction) {
            this.releaseSavepoint();
            this.stream.open_xid = this.transaction.xid ?? this.stream.open_xid;
            this.stream.open_position = this.transaction.position ?? this.stream.open_position;
            this.stream.open_changes ??= 0;
        } else {
            this.stream.whole_seq = this.lander.seq;
        }
        this.reachWhole(offset);
        this.commitAt('loaded');
    }

    /** The source cannot be read further: what is whole stays, the rest is undone; the same command resumes. */
    stop(): void {
        if (this.savepoint !== null) {
            this.undoTransaction();
        }
        if (!this.commitAt('loading')) {
            rollback(this.database);
        }
    }

    /** Commits at a batch's end and opens the next transaction, so that the caller can transform in between. */
    pause(): void {
        this.stream.whole_seq = this.inTransaction ? this.stream.whole_seq : this.lander.seq;
        this.commitAt('loading');
    }

    resume(): void {
        begin(this.database);
    }

    private takeBegin(event: DecodedBegin): void {
        const needed = this.options.needsPositions;
        if (needed !== null && event.position === null) {
            throw needed;
        }
        this.transaction = event;
        this.inTransaction = true;
        this.continueOrClose(event);
        this.isRepeating = this.toSkip === 0 && !this.options.asNew && this.seen.has(event);
        if (event.streamed || this.options.strict) {
            this.database.exec('savepoint source_transaction');
            this.savepoint = { seq: this.lander.seq, staged: copyOf(this.lander.staged) };
        }
    }

    /** A transaction cut by the end of the last source is either sent again, or it will never end. */
    private continueOrClose(event: DecodedBegin): void {
        const { open_changes: openChanges, open_position: position, open_xid: xid } = this.stream;
        if (openChanges === null) {
            return;
        }
        const isSame =
            (position !== null && position === event.position) ||
            (position === null && xid !== null && xid === event.xid);
        if (isSame) {
            this.toSkip = openChanges;
        } else {
            this.closeOpen();
        }
    }

    private closeOpen(): void {
        this.stream.open_xid = null;
        this.stream.open_position = null;
        this.stream.open_changes = null;
        this.stream.whole_seq = this.lander.seq;
    }

    private takeRow(row: DecodedRow): void {
        if (this.isSentAgain()) {
            return;
        }
        if (!this.inTransaction && this.options.needsPositions !== null) {
            throw this.options.needsPositions;
        }
        this.lander.stage(row, this.transaction);
        this.counts.changes++;
        this.firstSeq ??= this.lander.seq;
        if (this.stream.open_changes !== null) {
            this.stream.open_changes++;
        }
    }

    private takeMessage(message: DecodedMessage): void {
        if (this.isSentAgain()) {
            return;
        }
        this.lander.stageMessage(message, this.transaction);
        this.counts.messages++;
        this.firstSeq ??= this.lander.seq;
    }

    private isSentAgain(): boolean {
        if (this.isRepeating || this.toSkip > 0) {
            this.toSkip = Math.max(0, this.toSkip - 1);
            this.counts.repeated++;
            return true;
        }
        return false;
    }

    private takeCommit(event: DecodedCommit): void {
        if (!this.isRepeating) {
            this.seen.add(event);
        }
        this.releaseSavepoint();
        this.inTransaction = false;
        this.isRepeating = false;
        this.toSkip = 0;
        this.transaction = NO_TRANSACTION;
        if (this.stream.open_changes !== null) {
            this.closeOpen();
        }
    }

    private takeRecordEnd(offset: number, inTransaction: boolean): void {
        this.counts.records++;
        if (inTransaction || this.inTransaction) {
            return;
        }
        this.reachWhole(offset);
        this.stream.whole_seq = this.lander.seq;
        if (
            this.lander.seq - this.rowsAtCommit >= (this.options.commitRows ?? COMMIT_ROWS_MIN) &&
            this.commitAt('loading')
        ) {
            this.options.committed(this);
            begin(this.database);
        }
    }

    private reachWhole(offset: number): void {
        this.wholeEnd = offset;
        this.wholeState = this.options.frameState();
    }

    private takeReject(event: DecodedReject): void {
        if (event.torn && this.savepoint !== null) {
            this.undoTransaction();
        }
        if (this.isRepeating) {
            this.counts.repeated++;
            return;
        }
        if (this.options.strict) {
            throw strictError(event);
        }
        saveReject(this.database, this.loadId, event.reject, event);
        this.counts.rejected++;
    }

    private undoTransaction(): void {
        const { seq, staged } = this.savepoint ?? { seq: this.lander.seq, staged: this.lander.staged };
        this.database.exec('rollback to source_transaction');
        this.releaseSavepoint();
        this.counts.changes -= this.lander.seq - seq;
        this.lander = this.newLander(seq, staged);
        this.inTransaction = false;
        this.transaction = NO_TRANSACTION;
    }

    private releaseSavepoint(): void {
        if (this.savepoint !== null) {
            this.database.exec('release source_transaction');
            this.savepoint = null;
        }
    }

    private newLander(seq = this.stream.last_seq, staged?: Lander['staged']): Lander {
        const lander = new Lander(this.database, this.loadId, seq);
        for (const [table, count] of staged ?? readStaged(this.database, this.loadId)) {
            lander.staged.set(table, count);
        }
        this.rowsAtCommit = Math.min(this.rowsAtCommit === 0 ? seq : this.rowsAtCommit, seq);
        return lander;
    }

    /** False if the digest of the position can no longer be told: then a later place is committed. */
    private commitAt(state: 'loading' | 'loaded'): boolean {
        const sha256 = this.options.digestAt(this.wholeEnd);
        if (sha256 === null) {
            return false;
        }
        this.stream.last_seq = this.lander.seq;
        saveProgress(this.database, this.loadId, {
            ...this.counts,
            state,
            end_byte: this.wholeEnd,
            sha256,
            frame_state: JSON.stringify(this.wholeState),
            first_seq: this.firstSeq,
            last_seq: this.firstSeq === null ? null : this.lander.seq,
        });
        saveStaged(this.database, this.loadId, this.lander.staged);
        saveStream(this.database, this.stream);
        commit(this.database);
        this.rowsAtCommit = this.lander.seq;
        return true;
    }
}

function copyOf(staged: Lander['staged']): Lander['staged'] {
    return new Map([...staged].map(([table, count]) => [table, { ...count }]));
}

function strictError(event: DecodedReject): EltError {
    return new EltError({
        code: 'RECORD_REJECTED',
        message: `record ${event.record} cannot be decoded: ${event.reject.reason}`,
        where: `byte ${event.reject.offset}, ${event.reject.length} bytes`,
        found: event.reject.detail,
        state: 'the records before it are committed',
        next: 'repair the source, or load without --strict to put such records aside',
    });
}
