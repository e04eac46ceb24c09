import { createHash } from 'node:crypto';
import Sqlite from 'better-sqlite3';
import { type Contestant, duckdbDump } from './contestants.ts';
import { measuredProcess } from './measured-process.ts';
import { mixedInTwo } from './mixed-records.ts';
import { grouped } from './report.ts';
import type { TypedTables } from './rivals/typed-tables.ts';
import { freshFile, sampleFile } from './workshop.ts';

const METRICS = 'select * from metrics order by event_id';

/** What all came to, cell by cell: `metrics` on the smallest sample; with updates and deletes, those that follow them. */
export async function compareResults(
    contestants: readonly Contestant[],
    spec: TypedTables,
    mixedRecords = 20_000,
): Promise<string> {
    const inserts = await sameRows(contestants, [sampleFile(1_000).path], [METRICS]);
    const followers = contestants.filter((one, index) => index === 0 || one.isFair);
    const queries = [METRICS, ...spec.tables.map(({ name, key }) => `select * from ${name} order by ${key}`)];
    const mixed = await sameRows(followers, mixedInTwo(mixedRecords), queries);
    const names = (groups: readonly (readonly string[])[]): string => groups.map((one) => one.join(', ')).join(' | ');
    return [
        inserts.length === 1
            ? 'All came to the same rows of `metrics` on the sample of 1,000 (every cell compared).'
            : `**Not the same rows of \`metrics\`**: ${names(inserts)}`,
        mixed.length === 1
            ? `On ${grouped(mixedRecords)} records with updates, deletes, moved keys and columns left out, in two runs, ${followers.map(({ name }) => name).join(' and ')} came to the same rows of \`metrics\` and of the four tables (every cell compared).`
            : `**Not the same rows after updates and deletes**: ${names(mixed)}`,
    ].join(' ');
}

/** The names of those that came to the same rows. */
async function sameRows(
    contestants: readonly Contestant[],
    inputs: readonly string[],
    queries: readonly string[],
): Promise<readonly (readonly string[])[]> {
    const hashes = new Map<string, string[]>();
    for (const one of contestants) {
        const output = freshFile('compare.db');
        for (const [index, input] of inputs.entries()) {
            const work = one.work(index === 0 ? 'run' : 'append', input, output);
            await measuredProcess(work.command, work.stdin);
        }
        const hash = createHash('sha256');
        for (const query of queries) {
            hash.update(JSON.stringify(rowsOf(one, output, query)));
        }
        const digest = hash.digest('hex');
        hashes.set(digest, [...(hashes.get(digest) ?? []), one.name]);
    }
    return [...hashes.values()];
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
