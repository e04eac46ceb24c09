import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expandSources } from '../capture/source/expand-sources.ts';
import type { Source } from '../capture/source/source.ts';
import { EltError } from '../core/errors.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import { type StagingFault, verifyStaging } from './verify-staging.ts';
import { loadSource } from './load-source.ts';
import { grouped } from '../report/text-table.ts';
import { sqlFolder } from '../project/settings.ts';
import { matchRowSource } from '../project/match-declared-source.ts';
import { readRowSources } from '../project/read-declared-sources.ts';
import { readPipelineSettings } from '../project/pipeline-settings.ts';
import type { Database } from '../sqlite/database.ts';
import { type LoadRow, loadsByEnd, readStaged } from '../ledger/loads.ts';
import { type PutBack, putBack } from './put-back.ts';
import { rewoundTo } from './rewound.ts';
import type { CommandContext } from '../commands/command.ts';

/** What was mended of one load. */
export interface Mended {
    readonly source: string;
    readonly loadId: number;
    readonly tables: readonly PutBack[];
}

/**
 * Mends staged rows that are not what the ledger says: each load that read these bytes and is damaged is landed once
 * more, in a database of its own that is rewound to before it; what the ledger counted and hashed then must come out,
 * and then its rows take the place of the damaged ones, under the same `_seq`s. Nothing else is changed.
 *
 * Throws `SOURCE_CHANGED` for bytes that no load read, `STAGING_DAMAGED` where the rows cannot be made again.
 */
export async function loadAgain(
    database: Database,
    words: readonly string[],
    context: CommandContext,
): Promise<readonly Mended[]> {
    const faults = verifyStaging(database);
    const mended: Mended[] = [];
    for (const source of await expandSources(words)) {
        refuseUnseekable(source);
        const loads = await loadsOfBytes(database, source);
        const damaged = loads.filter((load) => faults.some((fault) => fault.loadId === load.load_id));
        for (const load of damaged) {
            const tables = faults.filter((fault) => fault.loadId === load.load_id);
            mended.push(await mend(database, source, load, tables, context));
        }
        if (damaged.length === 0) {
            context.output.print(`sound   ${source.name}: all rows of load ${numbers(loads)} are as they landed`);
        }
    }
    for (const { source, loadId, tables } of mended) {
        const rows = tables.map((table) => `${grouped(table.rows)} of ${table.stagingTable}`).join(', ');
        context.output.print(`mended  ${source}: rows of load ${loadId} put back: ${rows}`);
    }
    if (mended.length > 0) {
        context.output.print('next: "elt transform" fills every model from scratch; "elt verify" looks again');
    }
    return mended;
}

/** The loads that read the beginning of this source, or all of it. */
async function loadsOfBytes(database: Database, source: Source): Promise<readonly LoadRow[]> {
    const candidates = loadsByEnd(database).filter((load) => load.end_byte > load.start_byte);
    const found: LoadRow[] = [];
    const hash = createHash('sha256');
    let hashed = 0;
    for await (const chunk of source.open()) {
        let from = 0;
        while (candidates.length > 0 && (candidates[0] as LoadRow).end_byte <= hashed + chunk.length - from) {
            const load = candidates.shift() as LoadRow;
            hash.update(chunk.subarray(from, from + load.end_byte - hashed));
            from += load.end_byte - hashed;
            hashed = load.end_byte;
            if (hash.copy().digest('hex') === load.sha256) {
                found.push(load);
            }
        }
        hash.update(chunk.subarray(from));
        hashed += chunk.length - from;
    }
    if (found.length === 0) {
        throw new EltError({
            code: 'SOURCE_CHANGED',
            message: `no load of this database read what "${source.name}" holds now`,
            where: source.path ?? source.name,
            found: `${loadsByEnd(database).length} loads in the ledger, none with the hash of these bytes`,
            state: 'nothing was changed',
            next: 'name the source that was loaded, as it was then; "elt verify" names the load',
        });
    }
    return found;
}

async function mend(
    database: Database,
    source: Source,
    load: LoadRow,
    faults: readonly StagingFault[],
    context: CommandContext,
): Promise<Mended> {
    refuseMixed(database, source, load);
    const folder = mkdtempSync(join(tmpdir(), 'elt-'));
    try {
        // Whether its positions were obeyed (--as-new) the ledger does not say: its hash tells.
        for (const ignorePositions of [false, true]) {
            const file = join(folder, `again-${ignorePositions}.db`);
            if (await landAgain(database, source, load, file, ignorePositions, context)) {
                const names = faults.map((fault) => fault.stagingTable);
                const tables = putBack(database, load, names, file, () => refuseUnmended(database, source, load));
                return { source: source.name, loadId: load.load_id, tables };
            }
        }
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
    throw cannotMend(
        source,
        load,
        'landing these bytes again gives other rows than the ledger counted and hashed then',
    );
}

/** Lands the load once more into `file`; false if what comes out is not what the ledger says. */
async function landAgain(
    database: Database,
    source: Source,
    load: LoadRow,
    file: string,
    ignorePositions: boolean,
    { settings, options }: CommandContext,
): Promise<boolean> {
    const scratch = rewoundTo(database, load, file);
    const interrupt = listenForInterrupt();
    try {
        const table = options.table === undefined ? undefined : String(options.table);
        const rows = matchRowSource(readRowSources(sqlFolder(settings), settings.pipeline), source.name, table);
        const pipeline = readPipelineSettings(sqlFolder(settings), settings.pipeline);
        await loadSource(scratch, upTo(source, load.end_byte), {
            asNew: false,
            strict: false,
            settings: { ...pipeline, drift: 'evolve' },
            ignorePositions,
            interrupt,
            ...(rows === undefined ? {} : { rows }),
        }).catch((error: unknown) => {
            // A load that stopped early, then or now: what has come out is compared.
            if (!(error instanceof EltError) || error.exitStatus !== 3) {
                throw error;
            }
        });
        const wanted = readStaged(database, load.load_id);
        const got = readStaged(scratch, load.load_id);
        return [...wanted].every(([name, { rows, checksum }]) => {
            return got.get(name)?.rows === rows && got.get(name)?.checksum === checksum;
        });
    } finally {
        interrupt.dispose();
        scratch.close();
    }
}

/** The source as it was when the load ended. */
function upTo(source: Source, end: number): Source {
    return {
        ...source,
        open: () => {
            const reading = source.open();
            return {
                get bytesRead() {
                    return reading.bytesRead;
                },
                async *[Symbol.asyncIterator]() {
                    let left = end;
                    for await (const chunk of reading) {
                        yield chunk.subarray(0, left);
                        left -= chunk.length;
                        if (left <= 0) {
                            return;
                        }
                    }
                },
            };
        },
    };
}

function refuseUnseekable(source: Source): void {
    if (!source.seekable) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `"${source.name}" cannot be loaded with --again`,
            found: 'it can be read only once; expected a file',
            state: 'nothing was changed',
            next: 'write it to a file first',
        });
    }
}

/** The rows of a load that was interrupted, with another one before it was resumed, do not stand together. */
function refuseMixed(database: Database, source: Source, load: LoadRow): void {
    const other = loadsByEnd(database).find(
        (one) =>
            one.load_id !== load.load_id &&
            (one.first_seq ?? 0) <= (load.last_seq ?? -1) &&
            (one.last_seq ?? -1) >= (load.first_seq ?? 0),
    );
    if (other !== undefined) {
        throw cannotMend(source, load, `load ${other.load_id} landed between two parts of it`);
    }
}

function refuseUnmended(database: Database, source: Source, load: LoadRow): void {
    if (verifyStaging(database).some((fault) => fault.loadId === load.load_id)) {
        throw cannotMend(source, load, 'its rows would still not be what the ledger says');
    }
}

function cannotMend(source: Source, load: LoadRow, found: string): EltError {
    return new EltError({
        code: 'STAGING_DAMAGED',
        message: `the rows of load ${load.load_id} cannot be made again from "${source.name}"`,
        found,
        state: 'nothing of this load was changed',
        next: 'restore a backup, or load the sources into a new database file',
    });
}

function numbers(loads: readonly LoadRow[]): string {
    return loads.map((load) => load.load_id).join(', ');
}
