import { type MetServer, meetServer } from '../../capture/postgres/meet-server.ts';
import { logEnd } from '../../capture/postgres/server-facts.ts';
import { refuseOtherHistory } from '../../capture/postgres/server-history.ts';
import { EltError } from '../../core/errors.ts';
import { readStream } from '../../ledger/loads.ts';
import { readSource, readSourceTables, type SourceRow, updateSource } from '../../ledger/sources.ts';
import type { Database } from '../../sqlite/database.ts';
import { Follower } from '../follow-stream.ts';
import { type Backoff, followerBackoff, retrying } from '../retry.ts';
import { intendSource } from './begin-source.ts';
import { heldPlace } from './held-place.ts';
import { type FollowRequest, LiveParts } from './live-parts.ts';
import { slotWait } from './slot-wait.ts';
import { takeSnapshot } from './take-snapshot.ts';

/** The server lets go of the slot of a client that was killed when it notices; one that is frozen keeps it. */
const ACTIVE_MS_MAX = 60_000;

/** Follows a PostgreSQL server: see `FollowRequest`. Resolves when it is interrupted or has caught up. */
export async function followPostgres(request: FollowRequest): Promise<void> {
    const { database, options, interrupt, observer } = request;
    const isKnown = readSource(database) !== null;
    const backoff = backoffOf(request, isKnown);
    let target: string | null = null;
    await retrying(backoff, observer, async (works) => {
        const server = await meetServer(options.address);
        try {
            const source =
                readSource(database) ??
                (await intendSource(database, server, options, (finding) => observer.found(finding)));
            if (source.phase !== 'creating') {
                refuseOtherHistory(heldPlace(database), server.history);
            }
            if (source.phase === 'creating' || readStream(database).held === 1) {
                works();
                await copyBefore(request, server);
            }
            target = await logEnd(server.connection);
        } finally {
            await server.connection.close();
        }
    });
    if (interrupt.requested()) {
        return;
    }
    const parts = new LiveParts(request, readSource(database) as SourceRow, backoffOf(request, true), target);
    parts.begin();
    const source = readSource(database) as SourceRow;
    observer.streams({ ...source, tables: readSourceTables(database, source.source_id).length });
    await new Follower(parts).run().finally(() => parts.end());
}

async function copyBefore(request: FollowRequest, server: MetServer): Promise<void> {
    const { database, settings, interrupt, observer } = request;
    const isInterrupted = (): boolean => interrupt.requested();
    await takeSnapshot({
        database,
        server,
        settings,
        isInterrupted,
        progress: (progress) => observer.copies(progress),
        note: (text) => observer.note(text),
        wait: slotWait(interrupt, observer),
    });
}

function backoffOf({ interrupt }: FollowRequest, isKnown: boolean): Backoff {
    return followerBackoff(
        interrupt.requested,
        (error, sinceMs) =>
            (error.code === 'SOURCE_UNREACHABLE' && isKnown) ||
            (error.code === 'SLOT_ACTIVE' && sinceMs < ACTIVE_MS_MAX && isKnown) ||
            error.code === 'DATABASE_LOCKED',
    );
}

/** For an error that the follower ended with: the ledger shows it to those who look at it from outside. */
export function noteError(database: Database, error: unknown): void {
    const source = readSource(database);
    if (source === null || !(error instanceof EltError) || database.inTransaction) {
        return;
    }
    const isLoss = ['SLOT_LOST', 'SLOT_AHEAD', 'SOURCE_DIVERGED'].includes(error.code);
    updateSource(database, source.source_id, {
        error: `${error.code}: ${error.message}`,
        ...(isLoss ? { phase: 'lost' } : {}),
    });
}
