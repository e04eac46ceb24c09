import { EltError } from '../../core/errors.ts';
import type { SlotState } from './replication-slot.ts';
import type { ServerIdentity } from './server-facts.ts';

const STATE = 'nothing was landed: what is in the database is as it was';
const AGAIN = 'take all tables again with "elt source resnapshot --all", then "elt follow": the history stays';

/** The slot is not there. */
export function slotGone(name: string): EltError {
    return new EltError({
        code: 'SLOT_LOST',
        message: `the replication slot "${name}" is gone`,
        found: 'it was dropped, or the server failed over to a standby without it; some services drop idle slots',
        state: STATE,
        next: AGAIN,
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
    const text = (one: ServerIdentity): string =>
        `system ${one.systemId}, database ${one.databaseOid}, timeline ${one.timeline}`;
    return new EltError({
        code: 'SOURCE_DIFFERENT',
        message: 'this is not the server that the database follows',
        found: `${text(found)}; expected ${text(wanted)}`,
        state: STATE,
        next: `name the server that was followed; if this one has taken its place, ${AGAIN}`,
    });
}
