import { meetServer } from '../../capture/postgres/meet-server.ts';
import { dropPublications } from '../../capture/postgres/publication.ts';
import { dropSlot } from '../../capture/postgres/replication-slot.ts';
import type { ServerIdentity } from '../../capture/postgres/server-identity.ts';
import { sourceDifferent } from '../../capture/postgres/slot-errors.ts';
import { releaseStream } from '../../ledger/loads.ts';
import { deleteSource, type SourceRow } from '../../ledger/sources.ts';
import type { ServerAddress } from '../../postgres/server-address.ts';
import { serverError } from '../../postgres/server-error.ts';
import { type Database, inTransaction } from '../../sqlite/database.ts';
import { followedSource } from './source-status.ts';

/**
 * Ends the following for good: removes the slot and the publications that elt has created, then what the database knows
 * of the source. What has landed stays. The server first: a crash in between leaves a source that can be dropped again.
 */
export async function dropSource(database: Database, address: ServerAddress): Promise<SourceRow> {
    const source = followedSource(database);
    const { connection, history } = await meetServer(address);
    try {
        refuseOther(source, history);
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

/** Whatever has become of its history: what is dropped has our name. */
function refuseOther(source: SourceRow, found: ServerIdentity): void {
    if (found.systemId !== source.system_id || found.databaseOid !== source.database_oid) {
        const { system_id: systemId, timeline } = source;
        throw sourceDifferent({ systemId, timeline, databaseOid: source.database_oid }, found);
    }
}
