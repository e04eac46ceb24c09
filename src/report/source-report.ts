import type { SourceStatus } from '../load/postgres/source-status.ts';
import { bytesText, durationText, textTable } from './text-table.ts';

interface Finding {
    readonly subject: string;
    readonly finding: string;
    readonly effect: string;
    readonly sql: readonly string[];
    readonly refuses: boolean;
}

/** A finding of `elt source check`, for people: what it is, what follows from it, and the SQL that changes it. */
export function findingLines({ subject, finding, effect, sql, refuses }: Finding): readonly string[] {
    return [
        `${refuses ? 'REFUSED  ' : 'note     '}${subject} ${finding}`,
        `         ${effect}`,
        ...sql.map((statement) => `         sql  ${statement}`),
    ];
}

/** What `elt source status` prints. */
export function statusLines(status: SourceStatus): readonly string[] {
    const { source, tables, lagBytes, lagSeconds } = status;
    const rows = tables.map((table) => [
        `${table.schema_name}.${table.table_name}`,
        table.state,
        table.copied_rows,
        table.snapshot_lsn,
    ]);
    const lag = lagBytes === null ? 'unknown' : bytesText(lagBytes);
    const since =
        lagSeconds === null ? '' : `; the last commit that has landed was ${durationText(lagSeconds * 1_000)} ago`;
    return [
        `source    ${source.name}, ${source.plugin}`,
        `phase     ${source.phase}`,
        `landed    up to ${source.end_lsn ?? 'nowhere yet'}; ${lag} behind the server${since}`,
        ...slotLines(status),
        ...(source.error === null ? [] : [`error     ${source.error}`]),
        '',
        ...textTable(['table', 'state', 'copied rows', 'copied at'], rows),
    ];
}

function slotLines({ source, slot, unreachable }: SourceStatus): readonly string[] {
    if (unreachable !== null) {
        return [`slot      ${source.slot}: the server cannot be asked (${unreachable.message})`];
    }
    if (slot === undefined) {
        return [`slot      ${source.slot}`];
    }
    if (slot === null) {
        return [`slot      ${source.slot}: it is not there`];
    }
    const holder = slot.activePid === null ? 'nobody follows now' : `held by process ${slot.activePid} of the server`;
    const state = slot.invalidationReason ?? slot.walStatus ?? 'unknown';
    const danger =
        slot.safeWalBytes === null ? 'without limit' : `${bytesText(slot.safeWalBytes)} more before it is lost`;
    return [
        `slot      ${source.slot}: ${state}; ${holder}`,
        `kept      ${bytesText(slot.retainedBytes)} of the server's log for it, ${danger} (max_slot_wal_keep_size)`,
        ...(slot.activePid === null
            ? ['          while nobody follows, the log grows; "elt source drop" ends the following for good']
            : []),
    ];
}
