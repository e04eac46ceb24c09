import type { StreamChange, StreamMessage } from '../core/stream-event.ts';
import type { Database, Statement } from '../sqlite/database.ts';
import type { PendingRows } from './pending-rows.ts';
import type { DriftPolicy } from './staging/drift-policy.ts';
import { oldKeyJson } from './staging/old-key.ts';
import { StagingTables } from './staging/staging-tables.ts';
import type { StreamTransaction } from './stream-transaction.ts';
import { addRow } from './write-values.ts';

/** What a stager works with. */
interface StagerContext {
    readonly database: Database;
    readonly loadId: number;
    readonly pending: PendingRows;
    readonly policy: DriftPolicy;
    /** Called before anything other than rows is written. */
    readonly beforeWrite: () => void;
}

/**
 * Turns decoded changes into rows of staging tables.
 *
 * Owns the `_seq` sequence while a load runs, the staging tables' DDL and the catalogue. Invariant: everything it has
 * written belongs to the caller's open SQLite transaction. It never commits; a rollback makes its memory stale, so the
 * caller then creates a new one.
 */
export class RowStager {
    readonly #tables: StagingTables;
    seq: number;
    readonly #context: StagerContext;
    readonly #insertMessage: Statement;

    constructor(context: StagerContext, lastSeq: number) {
        this.#context = context;
        this.seq = lastSeq;
        this.#tables = new StagingTables(context.database, context.loadId, context.policy);
        this.#insertMessage = context.database.prepare(
            `insert into elt_messages (
                _seq, _load, _lsn, _xid, _committed_at, prefix, content, transactional
            )
            values (?, ?, ?, ?, ?, ?, ?, ?)`,
        );
    }

    /** Drift that the caller has not taken yet. */
    get drifted() {
        return this.#tables.drifted;
    }

    /** The statement that creates a staging table as it is now. */
    createTable(stagingTable: string): string {
        return this.#tables.createTable(stagingTable);
    }

    /** Stages one change. For a value that its column refuses, throws with SQLite's code and stages nothing. */
    stage(row: StreamChange, transaction: StreamTransaction): void {
        const { pending, loadId } = this.#context;
        const seq = this.seq + 1;
        let plan = this.#tables.planOf(row.shape);
        if (plan === undefined) {
            this.#context.beforeWrite();
            plan = this.#tables.makePlan(row.shape, seq, row.values);
        }
        const table = pending.table(plan.stagingTable);
        pending.touch(table);
        const { writer } = table;
        writer.begin();
        writer.addNull();
        writer.addText(row.shape.op);
        writer.addInteger(loadId);
        if (row.logPlace !== undefined) {
            writer.addLsn(row.logPlace.high, row.logPlace.low);
        } else if (row.topicPlace !== undefined && row.topicPlace !== null) {
            writer.addTopicPlace(row.topicPlace);
        } else {
            addOptional(writer, row.lsn ?? transaction.position);
        }
        addOptional(writer, row.xid ?? transaction.xid);
        addOptional(writer, transaction.committedAt);
        addOptional(writer, plan.oldPairs.length === 0 ? null : oldKeyJson(plan.oldPairs, row));
        addOptional(writer, plan.absent);
        addRow(writer, plan.columns, row);
        const before = writer.length;
        writer.end(seq);
        this.seq = seq;
        pending.added(writer.length - before);
    }

    /** Stores a logical message; it has its own `_seq` and is never folded. */
    stageMessage(message: StreamMessage, transaction: StreamTransaction): void {
        this.#context.beforeWrite();
        this.seq++;
        this.#insertMessage.run(
            this.seq,
            this.#context.loadId,
            message.lsn ?? transaction.position,
            message.xid ?? transaction.xid,
            transaction.committedAt,
            message.prefix,
            message.content,
            message.transactional ? 1 : 0,
        );
    }
}

function addOptional(writer: { addNull(): void; addText(text: string): void }, text: string | null): void {
    if (text === null) {
        writer.addNull();
    } else {
        writer.addText(text);
    }
}
