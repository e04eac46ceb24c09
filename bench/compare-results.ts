import { createHash } from 'node:crypto';
import Sqlite from 'better-sqlite3';
import { type Contestant, duckdbDump } from './contestants.ts';
import { measuredProcess } from './measured-process.ts';
import { freshFile, sampleFile } from './workshop.ts';

const METRICS = 'select * from metrics order by event_id';

/** One sentence: whether all came to the same `metrics` on the smallest sample, cell by cell. */
export async function compareResults(contestants: readonly Contestant[]): Promise<string> {
    const hashes = new Map<string, string[]>();
    for (const one of contestants) {
        const output = freshFile('compare.db');
        const work = one.work('run', sampleFile(1_000).path, output);
        await measuredProcess(work.command, work.stdin);
        const hash = createHash('sha256')
            .update(JSON.stringify(rowsOf(one, output, METRICS)))
            .digest('hex');
        hashes.set(hash, [...(hashes.get(hash) ?? []), one.name]);
    }
    const groups = [...hashes.values()];
    return groups.length === 1
        ? `All came to the same rows of \`metrics\` on the sample of 1,000 (every cell compared).`
        : `**Not the same rows of \`metrics\`**: ${groups.map((names) => names.join(', ')).join(' | ')}`;
}

/** Rows as text, whatever the engine: a number is its text. */
export function rowsOf(one: Contestant, output: string, sql: string): readonly (readonly (string | null)[])[] {
    if (one.name.startsWith('DuckDB')) {
        return JSON.parse(duckdbDump(output, sql));
    }
    const database = new Sqlite(output, { readonly: true });
    const rows = database.prepare(sql).raw().safeIntegers().all() as unknown[][];
    database.close();
    return rows.map((row) => row.map((value) => (value === null ? null : String(value))));
}
