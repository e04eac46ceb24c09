import { EltError } from '../../core/errors.ts';
import type { ServerConnection } from '../../postgres/server-connection.ts';
import { serverErrorFacts } from '../../postgres/server-error.ts';
import { quoteIdentifier } from '../../postgres/server-quote.ts';

/** A slot as the server shows it. Source: https://www.postgresql.org/docs/current/view-pg-replication-slots.html */
export interface SlotState {
    readonly plugin: string;
    readonly database: string;
    readonly activePid: number | null;
    readonly restartLsn: string | null;
    readonly confirmedLsn: string | null;
    /** `reserved`, `extended`, `unreserved`, `lost`; null where the server does not say. */
    readonly walStatus: string | null;
    /** Bytes that may be written before it is in danger; null: without limit, or not known. */
    readonly safeWalBytes: number | null;
    /** PostgreSQL 17 and later. */
    readonly invalidationReason: string | null;
    /** PostgreSQL 17 and later: it is a copy of the primary's. */
    readonly isSynced: boolean;
    /** Bytes of log that the server keeps for it. */
    readonly retainedBytes: number;
}

export interface CreatedSlot {
    /** Transactions whose commit begins at or behind it are streamed, those before are in the snapshot. */
    readonly consistentPoint: string;
    /** Good until the next command on the same connection. */
    readonly snapshotName: string;
}

/** Others hold a slot for so long after they were killed, or while a server ends. */
const DROP_MS_MAX = 10_000;
const DROP_PAUSE_MS = 100;

/** Null: there is none of that name. */
export async function slotState(connection: ServerConnection, name: string): Promise<SlotState | null> {
    const rows = await connection.rows<{ readonly slot: string; readonly retained: string | null }>(
        `select pg_catalog.to_jsonb(slots) as slot, pg_catalog.pg_wal_lsn_diff(
            case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
                else pg_catalog.pg_current_wal_lsn() end,
            slots.restart_lsn
        )::text as retained
        from pg_catalog.pg_replication_slots as slots
        where slots.slot_name = $1`,
        [name],
    );
    const [row] = rows;
    if (row === undefined) {
        return null;
    }
    const slot = JSON.parse(row.slot) as Record<string, string | number | boolean | null | undefined>;
    const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
    const isConflicting = slot.conflicting === true ? 'conflict with recovery' : null;
    return {
        plugin: text(slot.plugin) ?? '',
        database: text(slot.database) ?? '',
        activePid: typeof slot.active_pid === 'number' ? slot.active_pid : null,
        restartLsn: text(slot.restart_lsn),
        confirmedLsn: text(slot.confirmed_flush_lsn),
        walStatus: text(slot.wal_status),
        safeWalBytes: typeof slot.safe_wal_size === 'number' ? slot.safe_wal_size : null,
        invalidationReason: text(slot.invalidation_reason) ?? isConflicting,
        isSynced: slot.synced === true,
        retainedBytes: Math.max(0, Number(row.retained ?? 0)),
    };
}

/** Whether the server has thrown away log that the slot needs, or has given it up for another reason. */
export function isLost(slot: SlotState): boolean {
    return slot.walStatus === 'lost' || slot.invalidationReason !== null;
}

/**
 * Creates a slot and exports the snapshot of its consistent point. Waits for every transaction that is open in the
 * cluster. Afterwards the connection must be silent as long as the snapshot is to be taken over.
 */
export async function createSlot(
    replication: ServerConnection,
    slot: {
        readonly name: string;
        readonly plugin: string;
        readonly isTemporary: boolean;
        readonly withFailover: boolean;
    },
    major: number,
): Promise<CreatedSlot> {
    const temporary = slot.isTemporary ? ' TEMPORARY' : '';
    const failover = slot.withFailover && !slot.isTemporary ? ', FAILOVER true' : '';
    const snapshot = major >= 15 ? `(SNAPSHOT 'export'${failover})` : 'EXPORT_SNAPSHOT';
    const row = await replication.one(
        `CREATE_REPLICATION_SLOT ${quoteIdentifier(slot.name)}${temporary} LOGICAL ${slot.plugin} ${snapshot}`,
    );
    return { consistentPoint: row.consistent_point as string, snapshotName: row.snapshot_name as string };
}

/** Drops a slot that may be held by a connection that is about to end, or may vanish meanwhile. */
export async function dropSlot(connection: ServerConnection, name: string): Promise<void> {
    for (const end = performance.now() + DROP_MS_MAX; ; ) {
        try {
            await connection.rows(
                'select pg_catalog.pg_drop_replication_slot(slot_name) from pg_catalog.pg_replication_slots where slot_name = $1',
                [name],
            );
            return;
        } catch (error) {
            const { code } = serverErrorFacts(error);
            if (code === '42704') {
                return;
            }
            if (code !== '55006' || performance.now() > end) {
                throw error;
            }
            await new Promise((resolve) => setTimeout(resolve, DROP_PAUSE_MS));
        }
    }
}

/** Who holds a slot: for an error that must say it. */
export async function slotHolder(connection: ServerConnection, pid: number): Promise<string> {
    const [row] = await connection.rows(
        `select pg_catalog.concat_ws(' ', application_name, 'from', coalesce(host(client_addr), 'a local socket'),
            'since', pg_catalog.to_char(backend_start, 'YYYY-MM-DD HH24:MI:SS')) as words
        from pg_catalog.pg_stat_activity where pid = $1`,
        [pid],
    );
    return row?.words ?? 'not shown to this user';
}

export function slotActive(name: string, pid: number, holder: string): EltError {
    return new EltError({
        code: 'SLOT_ACTIVE',
        message: `the replication slot "${name}" is held by another connection`,
        found: `process ${pid} of the server: ${holder}`,
        state: 'nothing was changed',
        next: `end the other "elt follow"; if nobody does, its owner runs: select pg_terminate_backend(${pid});`,
    });
}
