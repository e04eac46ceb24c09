import type { Psql } from '../support/psql.ts';

/** Options of wal2json by their own names, values as text. */
export type CaptureOptions = Readonly<Record<string, string>>;

/** The slot whose stream `Replay` reads: types are left out, since wal2json does not quote every type name. */
export const REPLAY_SLOT = {
    name: 'replay',
    options: { 'format-version': '2', 'include-types': 'false' },
} as const;

export interface Slot {
    readonly name: string;
    readonly options: CaptureOptions;
}

/** A slot remembers its place in the history: two slots made together give the same history, each in its own format. */
export async function createSlot(session: Psql, slot: Slot, database: string): Promise<void> {
    await session.sql(`select pg_create_logical_replication_slot('${slotName(slot, database)}', 'wal2json');`);
}

/** What happened since the last call, one text a row as the plugin wrote it. `peek` leaves the slot where it is. */
export async function capture(session: Psql, slot: Slot, database: string, peek = false): Promise<string[]> {
    const options = Object.entries(slot.options)
        .map(([name, value]) => `, '${name}', '${value}'`)
        .join('');
    const rows = await session.rows<{ data: string }>(
        `select data from pg_logical_slot_${peek ? 'peek' : 'get'}_changes('${slotName(slot, database)}', null, null${options})`,
    );
    return rows.map((row) => row.data);
}

/** Slots are names of the whole cluster. */
function slotName(slot: Slot, database: string): string {
    return `${database}_${slot.name}`;
}
