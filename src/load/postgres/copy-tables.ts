import { availableParallelism } from 'node:os';
import { copyStatement, type PublishedTable, type SourceColumn } from '../../capture/postgres/catalogue-reader.ts';
import { CopyThread } from '../../capture/postgres/copy-thread.ts';
import type { EltError } from '../../core/errors.ts';
import type { Shape } from '../../core/stream-event.ts';
import { CopyDecoder } from '../../decode/pgoutput/copy-decoder.ts';
import { plainForm, Relation, type RelationColumns } from '../../decode/pgoutput/relation.ts';
import { type DeclaredType, Shapes } from '../../decode/shapes.ts';
import { StreamLanding } from '../../land/stream-landing.ts';
import { newByteless } from '../../ledger/loads.ts';
import { type SourceRow, saveSourceTable } from '../../ledger/sources.ts';
import { hasStaged } from '../../ledger/staged-tables.ts';
import type { ServerAddress } from '../../postgres/server-address.ts';
import { failpoint } from '../../process/failpoint.ts';
import { interrupted } from '../../process/interrupt.ts';
import { declaredText, type PipelineSettings } from '../../project/pipeline-settings.ts';
import { type Database, inTransaction } from '../../sqlite/database.ts';
import { declareTables } from '../declare-tables.ts';
import { landEvent } from '../land-event.ts';

/** What tables are copied with. */
export interface CopyContext {
    readonly database: Database;
    readonly address: ServerAddress;
    readonly source: SourceRow;
    readonly settings: PipelineSettings;
    readonly isInterrupted: () => boolean;
    readonly progress: (progress: CopyProgress) => void;
    /** Why the copy is for nothing: it ends with that error. */
    readonly loss: () => EltError | null;
}

export interface CopyProgress {
    readonly table: string;
    /** Tables that are whole, of how many. */
    readonly tablesDone: number;
    readonly tables: number;
    /** Of all tables; `rowsExpected` is the server's estimate. */
    readonly rows: number;
    readonly rowsExpected: number;
    readonly bytes: number;
}

/** The snapshot that tables are copied from. */
export interface Snapshot {
    readonly name: string;
    /** Where it stands: transactions whose commit begins before it are in it. */
    readonly lsn: string;
}

/** More rows a commit do not pay. */
const COMMIT_ROWS = 100_000;
/** Of 8 KiB: a larger table is read by several connections, so many pages at a time. */
const PAGES_TOGETHER = 8_192;
/** The landing takes rows from as many connections at most: more would only wait for it. */
const CONNECTIONS_MAX = 3;

/** Copies tables one after the other; each is whole in the ledger, or is copied again by the next run. */
export async function copyTables(
    context: CopyContext,
    snapshot: Snapshot,
    tables: readonly PublishedTable[],
    tablesBefore: number,
): Promise<void> {
    const { address } = context;
    const wanted = Math.min(CONNECTIONS_MAX, Math.max(1, availableParallelism() - 1), Math.max(...tables.map(pieces)));
    const threads: CopyThread[] = [];
    const total = {
        tablesDone: tablesBefore,
        tables: tablesBefore + tables.length,
        rows: 0,
        rowsExpected: tables.reduce((sum, { rows }) => sum + rows, 0),
        bytes: 0,
    };
    try {
        for (let count = 0; count < wanted; count++) {
            threads.push(await CopyThread.open({ address, snapshot: snapshot.name }));
        }
        for (const table of tables) {
            await copyTable(context, snapshot, table, threads, total);
            total.tablesDone++;
            failpoint('table copied');
        }
    } finally {
        await Promise.all(threads.map((thread) => thread.close()));
    }
}

type Totals = { -readonly [Key in keyof Omit<CopyProgress, 'table'>]: CopyProgress[Key] };

async function copyTable(
    context: CopyContext,
    snapshot: Snapshot,
    table: PublishedTable,
    threads: readonly CopyThread[],
    total: Totals,
): Promise<void> {
    const { database, settings, source } = context;
    const row = {
        schema_name: table.schema,
        table_name: table.table,
        relation_oid: table.oid,
        partitions: partitionsOf(table),
        snapshot_lsn: snapshot.lsn,
    };
    const begun = { ...row, state: 'copying', copied_rows: null, load_id: null } as const;
    inTransaction(database, () => saveSourceTable(database, source.source_id, begun));
    const decoder = new CopyDecoder(relationColumns(table), snapshot.lsn, declaredText(settings));
    let isLast = false;
    const landing = newCopyLanding(context, table, () => {
        if (isLast) {
            const done = { ...row, state: 'streaming', copied_rows: decoder.rows, load_id: landing.loadId } as const;
            saveSourceTable(database, source.source_id, done);
        }
    });
    try {
        if (hasStaged(database, table)) {
            decoder.empty((event) => landing.take(event));
        }
        const name = `${table.schema}.${table.table}`;
        await readRows(table, threads, (bytes) => {
            if (context.isInterrupted()) {
                throw interrupted(`"${name}" is copied again from its beginning; tables that are whole stay`);
            }
            const loss = context.loss();
            if (loss !== null) {
                throw loss;
            }
            decoder.decode(bytes, (event) =>
                landEvent(landing, event, () => ({ source: bytes, start: decoder.rowStart, end: decoder.rowEnd })),
            );
            total.bytes += bytes.length;
            context.progress({ ...total, table: name, rows: total.rows + decoder.rows });
        });
        isLast = true;
        landing.finish(0);
        total.rows += decoder.rows;
    } catch (error) {
        landing.abandon();
        throw error;
    }
}

/** Every row of the table, by as many connections as there are. */
async function readRows(
    table: PublishedTable,
    threads: readonly CopyThread[],
    take: (bytes: Buffer) => void,
): Promise<void> {
    const statements = copyStatements(table);
    const work = async (thread: CopyThread): Promise<void> => {
        for (let sql = statements.shift(); sql !== undefined; sql = statements.shift()) {
            for await (const bytes of thread.copy(sql)) {
                take(bytes);
            }
        }
    };
    await Promise.all(threads.map(work));
}

/** One a part, or one a range of pages where a part is large; the last range is open: the part may have grown. */
export function copyStatements(table: PublishedTable): string[] {
    return table.parts.flatMap((part) => {
        const ranges = Math.ceil(part.pages / PAGES_TOGETHER);
        return ranges <= 1
            ? [copyStatement(table, part, null)]
            : Array.from({ length: ranges }, (_, range) =>
                  copyStatement(table, part, {
                      from: range * PAGES_TOGETHER,
                      to: range === ranges - 1 ? null : (range + 1) * PAGES_TOGETHER,
                  }),
              );
    });
}

/** For the ledger: those whose rows the copy holds. */
export function partitionsOf({ isPartitioned, parts }: PublishedTable): string | null {
    return isPartitioned ? JSON.stringify(parts.map(({ oid }) => oid)) : null;
}

function pieces({ parts }: PublishedTable): number {
    return parts.reduce((sum, part) => sum + Math.max(1, Math.ceil(part.pages / PAGES_TOGETHER)), 0);
}

/** A copy is a load of its own: `elt status` and `elt verify` count it apart from the stream. */
export function newCopyLanding(
    { database, source, settings }: Pick<CopyContext, 'database' | 'source' | 'settings'>,
    copied: PublishedTable,
    beforeCommit: () => void,
    commitRows = COMMIT_ROWS,
): StreamLanding {
    const policy = { drift: settings.drift, declared: declaredText(settings) };
    // A model that reads a table without rows need not wait for the first one.
    declareTables(database, [rowShape(copied, policy.declared)], policy);
    const { schema, table } = copied;
    const load = newByteless(`${source.name} ${schema}.${table}`, 'snapshot');
    return new StreamLanding(database, load, {
        ignorePositions: true,
        policy,
        strict: false,
        needsPositions: null,
        commitRows,
        committed: () => undefined,
        digestAt: () => () => '',
        frameState: () => ({ kind: 'snapshot' }),
        beforeCommit,
    });
}

/** What a row of the table lands as. */
export function rowShape(table: PublishedTable, declared: DeclaredType): Shape {
    return new Relation(relationColumns(table), new Shapes(declared)).shape(plainForm('insert', 'none')).shape;
}

/** The columns that are copied, as the stream describes them. */
export function relationColumns(table: PublishedTable): RelationColumns {
    const columns = table.sent.map((name) => table.columns.find((column) => column.name === name) as SourceColumn);
    return {
        schema: table.schema,
        table: table.table,
        names: table.sent,
        types: columns.map(({ type }) => type),
        // In the order of the table, as the stream has them.
        keyPlaces: table.sent.flatMap((name, place) => (table.identity.includes(name) ? [place] : [])),
        primaryKey: table.primaryKey,
        replicaIdentity: table.replicaIdentity,
    };
}
