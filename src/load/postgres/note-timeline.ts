import type { ServerIdentity } from '../../capture/postgres/server-identity.ts';
import { readSource, type SourceRow, updateSource } from '../../ledger/sources.ts';
import { type Database, inTransaction } from '../../sqlite/database.ts';

/**
 * Keeps the timeline of a server that continues what the database holds, once its slot was found good: a copy of the
 * server that somebody tries things on has a timeline of its own, and no slot.
 */
export function noteTimeline(
    database: Database,
    { timeline }: Pick<ServerIdentity, 'timeline'>,
    note: (text: string) => void,
): void {
    const { source_id: sourceId, timeline: before } = readSource(database) as SourceRow;
    if (timeline !== before) {
        inTransaction(database, () => updateSource(database, sourceId, { timeline }));
        note(
            `the server is on timeline ${timeline} now (${before} before): a standby has taken over, and lacks nothing`,
        );
    }
}
