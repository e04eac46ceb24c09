import { dropPublications } from '../../capture/postgres/publication.ts';
import { dropSlot } from '../../capture/postgres/replication-slot.ts';
import { serverFacts, serverIdentity } from '../../capture/postgres/server-facts.ts';
import { sourceDifferent } from '../../capture/postgres/slot-errors.ts';
import { releaseStream } from '../../ledger/loads.ts';
import { deleteSource, type SourceRow } from '../../ledger/sources.ts';
import type { ServerAddress } from '../../postgres/server-address.ts';
import { ServerConnection } from '../../postgres/server-connection.ts';
import { serverError } from '../../postgres/server-error.ts';
import { type Database, inTransaction } from '../../sqlite/database.ts';
import { followedSource } from './source-status.ts';

/**
 * Ends the following for good: removes the slot and the publications that elt has created, then what the database knows
 * of the source. What has landed stays. The server first: a crash in between leaves a source that can be dropped again.
 */
export async function dropSource(database: Database, address: ServerAddress): Promise<SourceRow> {
    const source = followedSource(database);
    const connection = await ServerConnection.open(address);
    try {
        await refuseOther(connection, address, source);
        await dropSlot(connection, source.slot);
        for (const sql of source.owns_publications ? dropPublications(source.publications) : []) {
            await connection.rows(sql);
        }
    } catch (error) {
        throw serverError(error, address, `drop the replication slot "${source.slot}"`);
    } finally {
        await connection.close();
    }
    forgetSource(database, source);
    return source;
}

/** The same where the server is gone, or is another one by now. */
export function forgetSource(database: Database, source: SourceRow): void {
    inTransaction(database, () => {
        deleteSource(database, source.source_id);
        releaseStream(database);
    });
}

async function refuseOther(connection: ServerConnection, address: ServerAddress, source: SourceRow): Promise<void> {
    const replication = await ServerConnection.open(address, 'replication');
    const { databaseOid } = await serverFacts(connection);
    const found = await serverIdentity(replication, databaseOid).finally(() => replication.close());
    if (found.systemId !== source.system_id || found.databaseOid !== source.database_oid) {
        const { system_id: systemId, timeline } = source;
        throw sourceDifferent({ systemId, timeline, databaseOid: source.database_oid }, found);
    }
}
