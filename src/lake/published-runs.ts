import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EltError } from '../core/errors.ts';
import type { SqliteType } from '../core/storage-types.ts';
import { ParquetFileReader } from '../parquet/parquet-file-reader.ts';
import { failpoint } from '../process/failpoint.ts';
import { makeFolder } from '../process/make-folder.ts';
import { syncFolder } from '../process/sync-folder.ts';
import { lakeFolder } from './manifest.ts';
import { replaceFile } from './replace-file.ts';

/**
 * Owns `DIR/<pipeline>/runs/` and the pointer `DIR/<pipeline>/current.json`.
 *
 * A run of an engine writes into a folder of its own, `runs/<run>/<table>/…parquet`. When all is there and every data
 * test has passed, the pointer is replaced: that is the publishing, and nothing before it is read by anybody. A run that
 * dies leaves a folder that no pointer names; a later run removes it. Names of runs sort by the time they began.
 */
export interface BegunRun {
    readonly lake: string;
    readonly pipeline: string;
    readonly run: string;
    /** The folder of the run, which does not exist before something is written there. */
    readonly folder: string;
    /** The run that was current when this one began; null: none. */
    readonly before: string | null;
}

/** What `current.json` says. */
export interface PublishedRun {
    readonly format: typeof FORMAT;
    readonly pipeline: string;
    readonly run: string;
    readonly engine: string;
    readonly publishedAt: string;
    /** How far the run had taken in each source. */
    readonly wholeSeq: Readonly<Record<string, number>>;
    readonly tables: readonly PublishedTable[];
}

export interface PublishedTable extends RunTable {
    /** Below the folder of the run, with slashes. */
    readonly files: readonly string[];
    readonly rows: number;
}

/** A table that a run has written. */
export interface RunTable {
    readonly table: string;
    readonly kind: 'current' | 'mart';
    /** SQLite's types of its columns, in order; empty where only the files say what it holds. */
    readonly columns: readonly { readonly name: string; readonly sqliteType: SqliteType }[];
}

const FORMAT = 1;
const POINTER = 'current.json';
/** Runs before the current one that stay, for queries that began before it was published. */
const KEPT_RUNS = 2;

/** Names a new run. */
export function beginRun(lake: string, pipeline: string, now = new Date()): BegunRun {
    const run = `${now.toISOString().replace(/[-:.]/g, '')}-${randomUUID().slice(0, 8)}`;
    const before = readCurrent(lake, pipeline)?.run ?? null;
    return { lake, pipeline, run, folder: join(runsFolder(lake, pipeline), run), before };
}

/** What is published; undefined before the first run. */
export function readCurrent(lake: string, pipeline: string): PublishedRun | undefined {
    const file = pointerFile(lake, pipeline);
    if (!existsSync(file)) {
        return undefined;
    }
    try {
        const parsed = JSON.parse(readFileSync(file, 'utf8')) as PublishedRun;
        if (parsed.format === FORMAT) {
            return parsed;
        }
    } catch (error) {
        if (!(error instanceof SyntaxError)) {
            throw error;
        }
    }
    throw new EltError({
        code: 'LAKE_DAMAGED',
        message: `"${file}" does not say which run is published`,
        state: 'nothing was changed',
        next: 'publish a run again: "elt transform --engine …"',
    });
}

/** Where a file of the current run lies. */
export function publishedFile(lake: string, { pipeline, run }: PublishedRun, file: string): string {
    return join(runsFolder(lake, pipeline), run, file);
}

/**
 * Publishes what a run has written: makes its files durable, moves the pointer, and removes runs that nobody needs.
 * @throws EltError LAKE_TAKEN_OVER if another run was published since this one began; LAKE_DAMAGED if a table has no file.
 */
export async function publishRun(
    begun: BegunRun,
    { engine, wholeSeq, tables }: Pick<PublishedRun, 'engine' | 'wholeSeq'> & { readonly tables: readonly RunTable[] },
): Promise<PublishedRun> {
    const { lake, pipeline, run } = begun;
    const written: PublishedTable[] = [];
    for (const table of tables) {
        written.push({ ...table, ...(await tableFiles(begun, table.table, engine)) });
    }
    const current = readCurrent(lake, pipeline)?.run ?? null;
    if (current !== begun.before) {
        throw takenOver(begun, current);
    }
    const publishedAt = new Date().toISOString();
    const published: PublishedRun = { format: FORMAT, pipeline, run, engine, publishedAt, wholeSeq, tables: written };
    failpoint('lake-before-pointer');
    replaceFile(pointerFile(lake, pipeline), `${JSON.stringify(published, null, 1)}\n`);
    failpoint('lake-after-pointer');
    removeRuns(lake, pipeline);
    return published;
}

/** Removes what a run has written that is not to be published. */
export function abandonRun({ folder }: Pick<BegunRun, 'folder'>): void {
    rmSync(folder, { recursive: true, force: true });
}

/** Removes runs from before the current one, but the newest of them: dead ones, and those that were replaced. */
function removeRuns(lake: string, pipeline: string, kept = KEPT_RUNS): readonly string[] {
    const current = readCurrent(lake, pipeline);
    const folder = runsFolder(lake, pipeline);
    if (current === undefined || !existsSync(folder)) {
        return [];
    }
    const earlier = readdirSync(folder)
        .filter((run) => run < current.run)
        .sort()
        .reverse();
    const removed = earlier.slice(kept);
    for (const run of removed) {
        rmSync(join(folder, run), { recursive: true, force: true });
    }
    return removed;
}

/**
 * The Parquet files of a table; what engines leave beside them (`_SUCCESS`, checksums) is not read. A table without rows
 * is a file without rows: where there is none, an engine has written to another disk, except Sail, which leaves it out.
 */
async function tableFiles(
    { folder, run }: BegunRun,
    table: string,
    engine: string,
): Promise<{ files: string[]; rows: number }> {
    const below = join(folder, table);
    if (engine === 'sail' && existsSync(folder) && !existsSync(below)) {
        return { files: [], rows: 0 };
    }
    const names = existsSync(below) ? readdirSync(below, { recursive: true }).map(String) : [];
    const files = names.filter((name) => /\.parquet$/.test(name) && !/(^|[\\/])[._]/.test(name)).sort();
    if (files.length === 0) {
        throw new EltError({
            code: 'LAKE_DAMAGED',
            message: `the run ${run} has not written "${table}"`,
            found: `no Parquet file in ${below}`,
            state: 'nothing was published',
            next: 'look at what the engine has said, then run again',
        });
    }
    let rows = 0;
    for (const name of files) {
        const reader = await ParquetFileReader.open(join(below, name));
        rows += reader.rows;
        reader.close();
        syncFile(join(below, name));
    }
    makeFolder(below);
    syncFolder(below);
    return { files: files.map((name) => `${table}/${name.replaceAll('\\', '/')}`), rows };
}

function syncFile(path: string): void {
    const file = openSync(path, 'r');
    try {
        fsyncSync(file);
    } finally {
        closeSync(file);
    }
}

function takenOver({ run, before }: BegunRun, current: string | null): EltError {
    return new EltError({
        code: 'LAKE_TAKEN_OVER',
        message: `the run ${run} cannot be published`,
        found: `${current ?? 'nothing'} is current; when this run began it was ${before ?? 'nothing'}`,
        state: 'what the other run has published stays',
        next: 'let one run at a time publish into a lake, and run again',
    });
}

function runsFolder(lake: string, pipeline: string): string {
    return join(lakeFolder(lake, pipeline), 'runs');
}

function pointerFile(lake: string, pipeline: string): string {
    return join(lakeFolder(lake, pipeline), POINTER);
}
