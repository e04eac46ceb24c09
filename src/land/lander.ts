import type { DecodedMessage, DecodedRow, Shape } from '../change.ts';
import type { Database, Statement } from '../store/database.ts';
import { oldKeyJson } from './old-key.ts';
import { bindable, type RowPlan } from './row-plan.ts';
import { StagedCount } from './staged-count.ts';
import { type DriftPolicy, StagingTables } from './staging-tables.ts';

/** The source transaction that a change belongs to, as far as the stream tells it. */
export interface SourceTransaction {
    readonly xid: string | null;
    readonly position: string | null;
    readonly committedAt: string | null;
}

/** By staging table. */
export type StagedBefore = ReadonlyMap<string, { readonly rows: number; readonly checksum: number }>;

/**
 * Turns decoded changes into rows of staging tables.
 *
 * Owns the `_seq` sequence while a load runs, the staging tables' DDL and the catalogue. Invariant: everything it has
 * written belongs to the caller's open SQLite transaction; a rollback makes its memory stale, so the caller then makes
 * a new one. It never commits.
 */
export class Lander {
    /** What the load has put into each staging table. */
    readonly staged: Map<string, StagedCount>;
    private readonly tables: StagingTables;
    seq: number;
    private readonly database: Database;
    private readonly loadId: number;
    private readonly insertMessage: Statement;

    /** `staged`: what this load has put into the tables before. */
    constructor(database: Database, loadId: number, lastSeq: number, staged: StagedBefore, policy: DriftPolicy) {
        this.database = database;
        this.loadId = loadId;
        this.seq = lastSeq;
        this.staged = new Map([...staged].map(([table, count]) => [table, new StagedCount(count)]));
        this.tables = new StagingTables(database, loadId, policy);
        this.insertMessage = this.database.prepare(
            `insert into elt_messages (
                _seq, _load, _lsn, _xid, _committed_at, prefix, content, transactional
            )
            values (?, ?, ?, ?, ?, ?, ?, ?)`,
        );
    }

    /** Drift that was met and not yet taken by the caller. */
    get drifted() {
        return this.tables.drifted;
    }

    /** Stages one change. A value that its column refuses is thrown as SQLite's error, and nothing is staged. */
    stage(row: DecodedRow, transaction: SourceTransaction): void {
        const seq = this.seq + 1;
        const plan = this.tables.planFor(row.shape, seq, row.values);
        const parameters = plan.parameters;
        parameters[0] = seq;
        parameters[1] = this.loadId;
        parameters[2] = row.lsn ?? transaction.position;
        parameters[3] = row.xid ?? transaction.xid;
        parameters[4] = transaction.committedAt;
        parameters[5] = oldKeyJson(plan.oldPairs, row.values, row.old);
        parameters[6] = plan.absent;
        for (let index = 0; index < plan.bound.length; index++) {
            const { from, at, any } = plan.bound[index] as RowPlan['bound'][number];
            const value = (from === 'new' ? row.values : row.old)[at] ?? null;
            parameters[7 + index] = any === null ? value : bindable(value, any);
        }
        plan.insert.run(parameters);
        this.seq = seq;
        this.count(plan, row.shape);
    }

    /** Keeps a logical message; it has a `_seq` of its own and is folded nowhere. */
    stageMessage(message: DecodedMessage, transaction: SourceTransaction): void {
        this.seq++;
        this.insertMessage.run(
            this.seq,
            this.loadId,
            message.lsn ?? transaction.position,
            message.xid ?? transaction.xid,
            transaction.committedAt,
            message.prefix,
            message.content,
            message.transactional ? 1 : 0,
        );
    }

    private count(plan: RowPlan, shape: Shape): void {
        let count = this.staged.get(plan.stagingTable);
        if (count === undefined) {
            count = new StagedCount();
            this.staged.set(plan.stagingTable, count);
        }
        count.add(shape.op, plan.labels, plan.parameters);
    }
}
