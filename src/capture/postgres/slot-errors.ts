import { EltError } from '../../core/errors.ts';
import type { SlotState } from './replication-slot.ts';
import type { HeldPlace, ServerIdentity } from './server-identity.ts';

/** A follower meets these at its start and in the middle: what it landed until then is not undone. */
const STATE = 'what has landed is committed and stays as it is';
const AGAIN = 'take all tables again with "elt source resnapshot --all", then "elt follow": the history stays';

/** The slot is not there; `tookOver`: the server is on a later timeline than it was when it was followed. */
export function slotGone(name: string, tookOver = false): EltError {
    return new EltError({
        code: 'SLOT_LOST',
        message: `the replication slot "${name}" is gone`,
        found: tookOver
            ? 'a standby took over, or the server was restored from a backup, and the slot did not go with it'
            : 'it was dropped; some services drop idle slots, and none of them survives a restored backup',
        state: STATE,
        next: tookOver ? `${AGAIN}; from PostgreSQL 17 on a standby with sync_replication_slots = on keeps it` : AGAIN,
    });
}

/** The server finds the slot, and a publication not whose changes it should send. */
export function publicationGone(slot: string): EltError {
    return new EltError({
        code: 'SLOT_LOST',
        message: `a publication that the replication slot "${slot}" sends is gone`,
        found: 'it was dropped; one that is created again holds for later changes only',
        state: STATE,
        next: AGAIN,
    });
}

/** The address leads to a standby, on which the slot cannot be read: until it takes over, or the primary answers. */
export function onlyStandby(name: string): EltError {
    return new EltError({
        code: 'SOURCE_UNREACHABLE',
        message: 'the server that answers is a standby',
        found: `the replication slot "${name}" can be read on the primary only`,
        state: STATE,
        next: 'name the primary, or wait until this standby takes over',
    });
}

/** The server has thrown away what the slot needs. */
export function slotInvalid(name: string, slot: SlotState | null): EltError {
    const reason = slot?.invalidationReason ?? slot?.walStatus ?? 'it cannot be read';
    const setting = reason === 'idle_timeout' ? 'idle_replication_slot_timeout' : 'max_slot_wal_keep_size';
    return new EltError({
        code: 'SLOT_LOST',
        message: `the server has given up the replication slot "${name}"`,
        found: `${reason}: nothing was read for longer than its setting "${setting}" allows`,
        state: STATE,
        next: `${AGAIN}; a larger ${setting} lets a stop last longer`,
    });
}

/** The slot was read by somebody else, or the database file is an older one: the server would leave out the rest. */
export function slotAhead(name: string, confirmed: string, place: string): EltError {
    return new EltError({
        code: 'SLOT_AHEAD',
        message: `the replication slot "${name}" has given away changes that are not here`,
        found: `the slot is at ${confirmed}, this database at ${place}: a backup that was restored, or another reader of the slot`,
        state: STATE,
        next: AGAIN,
    });
}

export function sourceDifferent(wanted: ServerIdentity, found: ServerIdentity): EltError {
    const text = (one: ServerIdentity): string => `system ${one.systemId}, database ${one.databaseOid}`;
    return new EltError({
        code: 'SOURCE_DIFFERENT',
        message: 'this is not the server that the database follows',
        found: `${text(found)}; expected ${text(wanted)}`,
        state: STATE,
        next: `name the server that was followed; if this one has taken its place, ${AGAIN}`,
    });
}

/** A standby took over, or the server was restored, without changes that have landed. */
export function timelineLeftEarlier(held: HeldPlace, timeline: number, left: string): EltError {
    return diverged(
        `its timeline ${timeline} left timeline ${held.timeline} at ${left}, and this database holds changes up to ${held.lsn}: a standby took over without them, or a backup was restored`,
        `${AGAIN}; from PostgreSQL 17 on synchronized_standby_slots keeps a primary from sending what its standby lacks`,
    );
}

/** The timeline that was followed does not lead to this one. */
export function timelineUnknown(held: HeldPlace, timeline: number, isHistoryKnown: boolean): EltError {
    return diverged(
        isHistoryKnown
            ? `its timeline ${timeline} does not come from timeline ${held.timeline}, which was followed up to ${held.lsn}: an old primary, or one that was restored from before`
            : `it is on timeline ${timeline}, was followed on timeline ${held.timeline} up to ${held.lsn}, and has lost the file that tells how the two hang together`,
        `name the server that has taken over; if it is this one, ${AGAIN}`,
    );
}

/** The server was restored from an older copy of its files. */
export function logEndsEarlier(held: string, logEnd: string): EltError {
    return diverged(
        `its log ends at ${logEnd}, and this database holds changes up to ${held}: an older copy of the server, without them`,
        AGAIN,
    );
}

function diverged(found: string, next: string): EltError {
    return new EltError({
        code: 'SOURCE_DIVERGED',
        message: 'the server has another history than the one that was followed',
        found,
        state: STATE,
        next,
    });
}
