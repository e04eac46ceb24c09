import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rowsOf } from './compare-results.ts';
import type { Contestant } from './contestants.ts';
import { measuredProcess } from './measured-process.ts';
import { freshFile, sampleFile, WORKSHOP } from './workshop.ts';

const METRICS = 'select * from metrics order by event_id';

interface SampleRecord {
    readonly change: readonly { readonly table: string }[];
}

/**
 * The hostile case that takes the mart: every event comes one file before the transaction, the request and the token
 * that it belongs to. A line of the table: the case, then a verdict a contestant.
 */
export async function lateEventsLine(contestants: readonly Contestant[]): Promise<string[]> {
    const records = JSON.parse(readFileSync(sampleFile(1_000).path, 'utf8')) as SampleRecord[];
    const isEvent = (record: SampleRecord): boolean => record.change.every(({ table }) => table === 'event_v2_data');
    const [whole, events, others] = [records, records.filter(isEvent), records.filter((one) => !isEvent(one))].map(
        (some, index) => {
            const file = join(WORKSHOP, `hostile-late-${index}.json`);
            writeFileSync(file, JSON.stringify(some));
            return file;
        },
    ) as [string, string, string];
    const verdicts: string[] = [];
    for (const one of contestants) {
        const expected = await metricsOf(one, [whole]);
        const found = await metricsOf(one, [events, others]);
        const isRight = expected.length > 0 && JSON.stringify(found) === JSON.stringify(expected);
        verdicts.push(isRight ? 'right' : `wrong: ${found.length} metrics, not ${expected.length}`);
    }
    return ['an event before its transaction', ...verdicts];
}

async function metricsOf(one: Contestant, files: readonly string[]) {
    const output = freshFile('hostile.db');
    for (const [index, file] of files.entries()) {
        const work = one.work(index === 0 ? 'run' : 'append', file, output);
        await measuredProcess(work.command, work.stdin);
    }
    return rowsOf(one, output, METRICS);
}
