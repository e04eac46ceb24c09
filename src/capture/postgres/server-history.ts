import type { EltError } from '../../core/errors.ts';
import { lsnNumber } from '../../core/lsn.ts';
import type { ServerConnection } from '../../postgres/server-connection.ts';
import { serverErrorFacts } from '../../postgres/server-error.ts';
import type { ServerFacts } from './server-facts.ts';
import type { HeldPlace, ServerIdentity } from './server-identity.ts';
import { logEndsEarlier, sourceDifferent, timelineLeftEarlier, timelineUnknown } from './slot-errors.ts';

/** Where the history that led to a server's timeline left an older one. */
export interface TimelineSwitch {
    readonly timeline: number;
    readonly lsn: string;
}

/** Who a server is, and how it came to be that. */
export interface ServerHistory extends ServerIdentity {
    /** Empty on the first timeline; null: the server no longer has the file. */
    readonly switches: readonly TimelineSwitch[] | null;
    /** The end of its log; a standby's grows by what it receives. */
    readonly logEnd: string;
    readonly isInRecovery: boolean;
}

/**
 * Asks a replication connection.
 * Source: https://www.postgresql.org/docs/current/protocol-replication.html (IDENTIFY_SYSTEM, TIMELINE_HISTORY)
 */
export async function serverHistory(
    replication: ServerConnection,
    { databaseOid, isInRecovery }: ServerFacts,
): Promise<ServerHistory> {
    const row = await replication.one('IDENTIFY_SYSTEM');
    const timeline = Number(row.timeline);
    const switches = timeline === 1 ? [] : await timelineSwitches(replication, timeline);
    return {
        systemId: row.systemid ?? '',
        timeline,
        databaseOid,
        switches,
        logEnd: row.xlogpos ?? '0/0',
        isInRecovery,
    };
}

/** 58P01: the file is not there. */
const FILE_MISSING = '58P01';

async function timelineSwitches(
    replication: ServerConnection,
    timeline: number,
): Promise<readonly TimelineSwitch[] | null> {
    try {
        const { content } = await replication.one(`TIMELINE_HISTORY ${timeline}`);
        return switchesOf(content ?? '');
    } catch (error) {
        if (serverErrorFacts(error).code === FILE_MISSING) {
            return null;
        }
        throw error;
    }
}

/** A line for each timeline that was left: its number, where, and a reason in words. */
export function switchesOf(text: string): readonly TimelineSwitch[] {
    return [...text.matchAll(/^\s*(\d+)\s+([0-9A-F]+\/[0-9A-F]+)/gim)].map((match) => ({
        timeline: Number(match[1]),
        lsn: match[2] as string,
    }));
}

/**
 * Whether a server continues what a database holds of it. A standby that took over, and a server that was restored,
 * begin a new timeline at some place of an older one: what the database holds behind that place never happened there,
 * and what happened there instead would be taken for landed.
 * @throws EltError SOURCE_DIFFERENT, SOURCE_DIVERGED.
 */
export function refuseOtherHistory(held: HeldPlace, found: ServerHistory): void {
    if (held.systemId !== found.systemId || held.databaseOid !== found.databaseOid) {
        throw sourceDifferent(held, found);
    }
    const error = held.timeline === found.timeline ? endError(held, found) : switchError(held, found);
    if (error !== null) {
        throw error;
    }
}

/** A copy of the server's files that was started as it is has the same timeline, and a log that ends earlier. */
function endError(held: HeldPlace, { logEnd, isInRecovery }: ServerHistory): EltError | null {
    return isInRecovery || !isBehind(held.lsn, logEnd) ? null : logEndsEarlier(held.lsn, logEnd);
}

function switchError(held: HeldPlace, found: ServerHistory): EltError | null {
    const left = found.switches?.find(({ timeline }) => timeline === held.timeline);
    if (left === undefined) {
        return timelineUnknown(held, found.timeline, found.switches !== null);
    }
    return isBehind(held.lsn, left.lsn) ? timelineLeftEarlier(held, found.timeline, left.lsn) : null;
}

function isBehind(one: string, other: string): boolean {
    return (lsnNumber(one) ?? 0n) > (lsnNumber(other) ?? 0n);
}
