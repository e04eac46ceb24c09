import type { HeldPlace } from '../../capture/postgres/server-identity.ts';
import { laterOf } from '../../core/lsn.ts';
import { readSource, readSourceTables, type SourceRow } from '../../ledger/sources.ts';
import type { Database } from '../../sqlite/database.ts';

/** What the database holds of its source, as far as the copies reach that are ahead of the stream. */
export function heldPlace(database: Database): HeldPlace {
    const source = readSource(database) as SourceRow;
    const copies = readSourceTables(database, source.source_id).map(({ snapshot_lsn: lsn }) => lsn ?? '0/0');
    return {
        systemId: source.system_id,
        databaseOid: source.database_oid,
        timeline: source.timeline,
        lsn: copies.reduce(laterOf, source.end_lsn ?? '0/0'),
    };
}
