import type { PublishedTable } from '../../capture/postgres/catalogue-reader.ts';
import { createSlotWaiting, type SlotWait, type SlotWithSnapshot } from '../../capture/postgres/create-slot.ts';
import type { MetServer } from '../../capture/postgres/meet-server.ts';
import { dropSlot, isLost, slotState } from '../../capture/postgres/replication-slot.ts';
import { slotGone, slotInvalid } from '../../capture/postgres/slot-errors.ts';
import { holdStream } from '../../ledger/loads.ts';
import { readSource, readSourceTables, type SourceRow, updateSource } from '../../ledger/sources.ts';
import { nameOf } from '../../postgres/server-address.ts';
import { failpoint } from '../../process/failpoint.ts';
import { inTransaction } from '../../sqlite/database.ts';
import { useFirstLoadJournal } from '../first-load-journal.ts';
import { makePublications } from './begin-source.ts';
import { type CopyContext, copyTables } from './copy-tables.ts';
import { describeTables, rememberTypes } from './describe-tables.ts';
import { noteTimeline } from './note-timeline.ts';
import { SlotWatch } from './slot-watch.ts';

export interface SnapshotContext extends Omit<CopyContext, 'source' | 'address' | 'loss'> {
    readonly server: MetServer;
    readonly wait: SlotWait;
    readonly note: (text: string) => void;
}

/** Of a server's tables, as a rule. */
const PAGE_BYTES = 8 * 1024;

/**
 * The first copy of a source's tables, or the first again after changes were lost: creates the slot, copies every table
 * from the snapshot of its consistent point, and lets models see none of it before all of it is there. A table that was
 * whole when an earlier run ended stays; the others are copied from a snapshot of their own, and the stream, which
 * begins at the slot's point, brings all of them to one state.
 */
export async function takeSnapshot(context: SnapshotContext): Promise<void> {
    const source = readSource(context.database) as SourceRow;
    const created = source.phase === 'creating' ? await newSlot(context, source) : await temporarySlot(context, source);
    if (created === null) {
        return;
    }
    try {
        await copyAll(context, created);
    } finally {
        await created.replication.close();
    }
}

/** Null: interrupted. */
async function newSlot(context: SnapshotContext, source: SourceRow): Promise<SlotWithSnapshot | null> {
    const { database, server, wait } = context;
    const { connection, address, facts } = server;
    // What a run that was killed has left.
    await dropSlot(connection, source.slot);
    await makePublications(server, source, await tablesToCopy(context, source));
    const slot = { name: source.slot, plugin: source.plugin, isTemporary: false };
    const created = await createSlotWaiting(connection, address, slot, facts, wait);
    if (created === null) {
        return null;
    }
    failpoint('slot created');
    const { consistentPoint } = created;
    const { systemId, databaseOid, timeline } = server.history;
    inTransaction(database, () => {
        updateSource(database, source.source_id, {
            name: nameOf(address),
            phase: 'snapshot',
            consistent_point: consistentPoint,
            end_lsn: consistentPoint,
            system_id: systemId,
            database_oid: databaseOid,
            timeline,
            error: null,
        });
        holdStream(database);
    });
    failpoint('slot stored');
    return created;
}

/** The slot's own snapshot went with the connection that created it. Null: interrupted, or nothing is left to copy. */
async function temporarySlot(context: SnapshotContext, source: SourceRow): Promise<SlotWithSnapshot | null> {
    const { server, note, wait } = context;
    const { connection, address, facts } = server;
    const state = await slotState(connection, source.slot);
    if (state === null) {
        throw slotGone(source.slot);
    }
    if (isLost(state)) {
        throw slotInvalid(source.slot, state);
    }
    noteTimeline(context.database, server.history, note);
    const left = (await tablesToCopy(context, source)).map(({ schema, table }) => `${schema}.${table}`);
    if (left.length === 0) {
        return null;
    }
    note(`the copy was cut short: ${left.join(', ')} ${left.length === 1 ? 'is' : 'are'} copied from the beginning`);
    const slot = { name: temporaryName(source.slot), plugin: source.plugin, isTemporary: true };
    return await createSlotWaiting(connection, address, slot, facts, wait);
}

/** Of the same length as the slot's own, which fits. */
export function temporaryName(slot: string): string {
    return `${slot.slice(0, 50)}_copy`;
}

async function copyAll(context: SnapshotContext, { snapshotName, consistentPoint }: SlotWithSnapshot): Promise<void> {
    const { database, server } = context;
    const source = readSource(database) as SourceRow;
    const tables = await tablesToCopy(context, source);
    const before = readSourceTables(database, source.source_id).length - tables.length;
    inTransaction(database, () => rememberTypes(database, source.source_id, tables));
    useFirstLoadJournal(
        database,
        tables.flatMap(({ parts }) => parts.map(({ pages }) => pages * PAGE_BYTES)),
    );
    const watch = new SlotWatch(server.connection, source.slot);
    const copy = { ...context, address: server.address, source, loss: () => watch.loss };
    try {
        await copyTables(copy, { name: snapshotName, lsn: consistentPoint }, tables, before);
    } finally {
        watch.stop();
    }
}

/** Tables of the ledger that are not whole, as the server sends them now. */
async function tablesToCopy(
    { database, server }: SnapshotContext,
    source: SourceRow,
): Promise<readonly PublishedTable[]> {
    const wanted = readSourceTables(database, source.source_id).filter(({ state }) => state !== 'streaming');
    const described = await describeTables(database, server, source);
    return described.filter(({ schema, table }) =>
        wanted.some((row) => row.schema_name === schema && row.table_name === table),
    );
}
