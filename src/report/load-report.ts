import { escapeControls } from '../core/errors.ts';
import type { LoadResult } from '../load/load-source.ts';
import { bytesText, counted, durationText, grouped } from './text-table.ts';

/** What a load did, for people: one line, and one line per drift. */
export function loadLines(load: LoadResult): readonly string[] {
    const source = escapeControls(load.source);
    if (load.kind === 'same') {
        return [`landed  ${source}: nothing new, these bytes were landed by load ${load.loadId}`];
    }
    const facts = [
        `${counted(load.changes, 'change')} of ${counted(load.records, 'record')}`,
        ...(load.messages > 0 ? [counted(load.messages, 'message')] : []),
        ...(load.repeated > 0 ? [`${counted(load.repeated, 'repeated change')} left out`] : []),
        ...(load.rejected > 0 ? [`${grouped(load.rejected)} rejected`] : []),
    ];
    const how = { new: '', resumes: ', resumed', grown: ', the part that was added' }[load.kind];
    const seconds = Math.max(0.001, load.milliseconds / 1000);
    const speed = `${bytesText(load.bytes)} in ${durationText(load.milliseconds)}, ${bytesText(load.bytes / seconds)}/s`;
    return [`landed  ${source}${how}: ${facts.join(', ')} (${speed})`, ...load.drift.map(driftLine)];
}

/** What is worth knowing of a load, and no failure. */
export function loadNotes({ source, tornAt, tookBack, isEmpty }: LoadResult): readonly string[] {
    return [
        ...(tookBack === null
            ? []
            : [`${source} continues within its last row: what load ${tookBack} landed of that row was taken back`]),
        ...(tornAt === null
            ? []
            : [`${source} ends inside a line: what follows byte ${grouped(tornAt)} lands once that line is whole`]),
        ...(isEmpty ? [`${source} holds a header and no rows`] : []),
    ].map((text) => `note: ${escapeControls(text)}`);
}

function driftLine(drift: LoadResult['drift'][number]): string {
    const column = drift.columnName === null ? '' : ` column "${drift.columnName}"`;
    const change = drift.was !== null && drift.now !== null ? ` (${drift.was} to ${drift.now})` : '';
    const what = `${drift.stagingTable}${column} ${drift.kind}${change} at _seq ${drift.seq}`;
    return escapeControls(`  drift: ${what}`);
}
