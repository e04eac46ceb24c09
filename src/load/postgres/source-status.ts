import { type SlotState, slotState } from '../../capture/postgres/replication-slot.ts';
import { logEnd } from '../../capture/postgres/server-facts.ts';
import { commitTime } from '../../core/commit-time.ts';
import { EltError } from '../../core/errors.ts';
import { lsnDistance } from '../../core/lsn.ts';
import { readSource, readSourceTables, type SourceRow, type SourceTableRow } from '../../ledger/sources.ts';
import type { ServerAddress } from '../../postgres/server-address.ts';
import { ServerConnection } from '../../postgres/server-connection.ts';
import type { Database } from '../../sqlite/database.ts';

/** What is known of a source: by the database, and by the server if it answers. */
export interface SourceStatus {
    readonly source: SourceRow;
    readonly tables: readonly SourceTableRow[];
    /** Null: the server has no such slot; undefined: the server was not asked. */
    readonly slot: SlotState | null | undefined;
    /** Why the server could not be asked. */
    readonly unreachable: EltError | null;
    /** Bytes of the server's log that have not landed; null: not known. */
    readonly lagBytes: number | null;
    /** Since the last transaction that has landed was committed; null: none has. */
    readonly lagSeconds: number | null;
}

/** The source that the database follows. @throws EltError SOURCE_NOT_FOLLOWED. */
export function followedSource(database: Database): SourceRow {
    const source = readSource(database);
    if (source === null) {
        throw new EltError({
            code: 'SOURCE_NOT_FOLLOWED',
            message: `"${database.name}" follows no server`,
            state: 'nothing was changed',
            next: 'begin with "elt follow postgres://…", or name another database with --db',
        });
    }
    return source;
}

/** Asks the database, and the server where there is an address. */
export async function sourceStatus(database: Database, address: ServerAddress | null): Promise<SourceStatus> {
    const source = followedSource(database);
    const tables = readSourceTables(database, source.source_id);
    const commit = source.last_commit_at === null ? null : commitTime(source.last_commit_at);
    const known = {
        source,
        tables,
        lagBytes: source.server_lsn === null ? null : lsnDistance(source.end_lsn ?? '0/0', source.server_lsn),
        lagSeconds: commit === null ? null : Math.max(0, (Date.now() - commit) / 1_000),
    };
    if (address === null) {
        return { ...known, slot: undefined, unreachable: null };
    }
    try {
        const connection = await ServerConnection.open(address);
        try {
            const slot = await slotState(connection, source.slot);
            const end = await logEnd(connection);
            return { ...known, slot, unreachable: null, lagBytes: lsnDistance(source.end_lsn ?? '0/0', end) };
        } finally {
            await connection.close();
        }
    } catch (error) {
        return { ...known, slot: undefined, unreachable: error instanceof EltError ? error : null };
    }
}
