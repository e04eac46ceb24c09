import { closeSync, openSync, readSync, rmSync } from 'node:fs';
import { followableTables, type PublishedTable } from '../../capture/postgres/catalogue-reader.ts';
import { CopyThread } from '../../capture/postgres/copy-thread.ts';
import { createSlotWaiting } from '../../capture/postgres/create-slot.ts';
import { meetServer } from '../../capture/postgres/meet-server.ts';
import { addToPublication, publicationNames } from '../../capture/postgres/publication.ts';
import { refuseOtherHistory, type ServerHistory } from '../../capture/postgres/server-history.ts';
import type { HeldPlace } from '../../capture/postgres/server-identity.ts';
import type { StreamMessage } from '../../capture/postgres/stream-message.ts';
import { EltError } from '../../core/errors.ts';
import { lsnNumber } from '../../core/lsn.ts';
import type { EmitEvent, StreamEvent } from '../../core/stream-event.ts';
import { CopyDecoder } from '../../decode/pgoutput/copy-decoder.ts';
import type { StreamLanding } from '../../land/stream-landing.ts';
import { type SourceRow, type SourceTableRow, saveSourceTable } from '../../ledger/sources.ts';
import { hasStaged } from '../../ledger/staged-tables.ts';
import { serverError } from '../../postgres/server-error.ts';
import { failpoint } from '../../process/failpoint.ts';
import { declaredText } from '../../project/pipeline-settings.ts';
import { inTransaction } from '../../sqlite/database.ts';
import { landEvent } from '../land-event.ts';
import { copyStatements, newCopyLanding, partitionsOf, relationColumns } from './copy-tables.ts';
import { describeTables, rememberTypes } from './describe-tables.ts';
import { HeldChanges } from './held-changes.ts';
import { heldPlace } from './held-place.ts';
import type { SnapshotContext } from './take-snapshot.ts';
import { temporaryName } from './take-snapshot.ts';

export type SideCopyContext = Pick<SnapshotContext, 'database' | 'settings' | 'wait' | 'note'> & {
    readonly source: SourceRow;
    readonly address: SnapshotContext['server']['address'];
    /** A decoder for the messages that were held. */
    readonly newDecoder: () => { decode(message: StreamMessage, emit: EmitEvent): void };
};

const CHUNK_BYTES = 1024 * 1024;

/** A table's rows, ready to be landed. */
interface Copied {
    readonly table: PublishedTable;
    readonly snapshotLsn: string;
}

/**
 * A table that is copied while others are streamed: one that was added, or is taken again.
 *
 * Its rows go to a file, and its changes of the stream to another, from before the snapshot on. When the rows are there
 * and the stream has come as far as their snapshot, one SQLite transaction lands a truncate, the rows, and the changes
 * that are not in the snapshot: nobody sees half of it. A crash before leaves the table to be copied again.
 */
export class SideCopy {
    readonly schema: string;
    readonly table: string;
    readonly held: HeldChanges;
    /** It was never followed before. */
    readonly isNew: boolean;
    /** What the copy has ended with; null: nothing, or it has not. */
    error: unknown = null;
    /** The copy has ended, well or not. */
    isEnded = false;
    readonly #context: SideCopyContext;
    readonly #path: string;
    #copied: Copied | null = null;

    /** Holds changes from now on, and begins to copy. To be called where no transaction is open. */
    constructor(context: SideCopyContext, row: SourceTableRow) {
        const { database, source } = context;
        const copying = { ...row, state: 'copying', snapshot_lsn: null } as const;
        inTransaction(database, () => saveSourceTable(database, source.source_id, copying));
        this.#context = context;
        this.schema = row.schema_name;
        this.table = row.table_name;
        this.isNew = row.load_id === null;
        this.held = new HeldChanges(context.database);
        this.#path = `${context.database.name}-copy`;
        this.#copy()
            .then((copied) => {
                this.#copied = copied;
            })
            .catch((error: unknown) => {
                this.error = error;
            })
            .finally(() => {
                this.isEnded = true;
            });
    }

    /** The stream has not come as far as the snapshot: the table would be ahead of the others. */
    isEarly(place: string | null): boolean {
        const snapshot = this.#copied?.snapshotLsn ?? null;
        return (lsnNumber(place) ?? 0n) < (lsnNumber(snapshot) ?? 0n);
    }

    /** Lands the table. Resolves with where its snapshot stands; null: interrupted, and nothing has landed. */
    async land(): Promise<string | null> {
        const { database, source, settings, wait } = this.#context;
        if (this.#copied === null) {
            return null;
        }
        const { table, snapshotLsn } = this.#copied;
        const decoder = new CopyDecoder(relationColumns(table), snapshotLsn, declaredText(settings));
        const { schema, table: name, oid } = table;
        const beforeCommit = (): void => {
            rememberTypes(database, source.source_id, [table]);
            saveSourceTable(database, source.source_id, {
                schema_name: schema,
                table_name: name,
                relation_oid: oid,
                partitions: partitionsOf(table),
                state: 'streaming',
                snapshot_lsn: snapshotLsn,
                copied_rows: decoder.rows,
                load_id: landing.loadId,
            });
        };
        const landing: StreamLanding = newCopyLanding(this.#context, table, beforeCommit, Number.POSITIVE_INFINITY);
        try {
            if (hasStaged(database, table)) {
                decoder.empty((event) => landing.take(event));
            }
            for await (const bytes of rowsOf(this.#path)) {
                if (wait.isInterrupted()) {
                    landing.abandon();
                    return null;
                }
                decoder.decode(bytes, (event) =>
                    landEvent(landing, event, () => ({ source: bytes, start: decoder.rowStart, end: decoder.rowEnd })),
                );
            }
            this.#landHeld(landing, lsnNumber(snapshotLsn) ?? 0n);
            failpoint('side copy landed');
            landing.finish(0);
            return snapshotLsn;
        } catch (error) {
            landing.abandon();
            throw error;
        }
    }

    close(): void {
        this.held.close();
        rmSync(this.#path, { force: true });
    }

    /** The table's changes since its snapshot, each with its transaction. */
    #landHeld(landing: StreamLanding, snapshot: bigint): void {
        const decoder = this.#context.newDecoder();
        let isLater = false;
        for (const message of this.held.messages()) {
            decoder.decode(message, (event: StreamEvent) => {
                if (event.kind === 'begin') {
                    isLater = (lsnNumber(event.position) ?? 0n) >= snapshot;
                }
                const isOurs =
                    event.kind !== 'change' || (event.shape.schema === this.schema && event.shape.table === this.table);
                if (isLater && isOurs && event.kind !== 'message') {
                    landEvent(landing, event, () => message as Extract<StreamMessage, { kind: 'plugin' }>);
                }
            });
        }
    }

    async #copy(): Promise<Copied | null> {
        const { source, address, wait, note } = this.#context;
        // Before the server says where its log ends: the stream continues meanwhile.
        const held = heldPlace(this.#context.database);
        const server = await meetServer(address);
        const { connection, facts, history } = server;
        try {
            refuseElsewhere(held, history);
            const table = await this.#published(server);
            const slot = { name: temporaryName(source.slot), plugin: source.plugin, isTemporary: true };
            const created = await createSlotWaiting(connection, address, slot, facts, wait);
            if (created === null) {
                return null;
            }
            try {
                note(`copying ${table.schema}.${table.table} while the others are streamed`);
                const thread = await CopyThread.open({ address, snapshot: created.snapshotName });
                try {
                    await thread.copyInto(this.#path, copyStatements(table));
                } finally {
                    await thread.close();
                }
                return { table, snapshotLsn: created.consistentPoint };
            } finally {
                await created.replication.close();
            }
        } finally {
            await connection.close();
        }
    }

    /** The table as it is published; it is added to our own publications if it is not. */
    async #published(server: Awaited<ReturnType<typeof meetServer>>): Promise<PublishedTable> {
        const { database, source } = this.#context;
        const find = async (): Promise<PublishedTable | undefined> =>
            (await describeTables(database, server, source)).find(
                ({ schema, table }) => schema === this.schema && table === this.table,
            );
        const published = await find();
        if (published !== undefined || !source.owns_publications || source.plugin !== 'pgoutput') {
            return published ?? refuse(this.schema, this.table);
        }
        const known = (await followableTables(server.connection, source.plugin)).find(
            ({ schema, table }) => schema === this.schema && table === this.table,
        );
        if (known === undefined) {
            return refuse(this.schema, this.table);
        }
        try {
            await server.connection.rows(addToPublication(publicationNames(source.slot), known));
        } catch (error) {
            throw serverError(error, server.address, `publish ${this.schema}.${this.table}`);
        }
        return (await find()) ?? refuse(this.schema, this.table);
    }
}

/** The stream is at a server that another one has replaced: it notices, and begins there as well. */
function refuseElsewhere(held: HeldPlace, history: ServerHistory): void {
    refuseOtherHistory(held, history);
    if (held.timeline !== history.timeline) {
        throw new EltError({ code: 'SOURCE_UNREACHABLE', message: 'the stream has yet to reach the new server' });
    }
}

function refuse(schema: string, table: string): never {
    throw new EltError({
        code: 'SOURCE_UNFIT',
        message: `"${schema}.${table}" cannot be copied: the source does not publish it`,
        found: 'no such table, or it is in none of the publications that are followed',
        state: 'the other tables are streamed on',
        next: 'add it to the publication, or correct the name',
    });
}

/** The rows of a file, in pieces that end where a row ends. Lets the event loop run between two. */
async function* rowsOf(path: string): AsyncGenerator<Buffer> {
    const file = openSync(path, 'r');
    try {
        let chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
        let kept = 0;
        for (;;) {
            const read = readSync(file, chunk, kept, chunk.length - kept, null);
            const length = kept + read;
            const end = chunk.subarray(0, length).lastIndexOf(0x0a) + 1;
            if (end > 0) {
                yield chunk.subarray(0, end);
            }
            if (read === 0) {
                return;
            }
            await new Promise((resolve) => setImmediate(resolve));
            kept = length - end;
            if (kept === chunk.length) {
                // A row that is longer than the memory for it.
                const larger = Buffer.allocUnsafeSlow(2 * chunk.length);
                chunk.copy(larger, 0, end, length);
                chunk = larger;
            } else {
                chunk.copyWithin(0, end, length);
            }
        }
    } finally {
        closeSync(file);
    }
}
