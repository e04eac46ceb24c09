import type { Source } from '../capture/source/source.ts';
import { EltError } from '../core/errors.ts';
import { takeBack } from '../land/take-back.ts';
import type { Drift } from '../ledger/catalogue.ts';
import { type LoadRow, readLoad } from '../ledger/loads.ts';
import { CacheKib, type Database, useCache } from '../sqlite/database.ts';
import { type LoadStart, recogniseAndLock } from './begin-load.ts';
import type { LoadOptions } from './load-options.ts';
import { LoadSession, type ReadStart } from './load-session.ts';
import { rowReader, streamReader } from './source-reader.ts';
import { withPipedTable } from './unpacking-step.ts';

/** Connects the stages, one source at a time: bytes ─▶ frames ─▶ changes ─▶ staging. */

/** What a load did with one source. */
export interface LoadResult {
    readonly source: string;
    /** `same`: these bytes landed before, and nothing was done. */
    readonly kind: 'new' | 'resumes' | 'grown' | 'same';
    readonly loadId: number;
    readonly records: number;
    readonly changes: number;
    readonly messages: number;
    readonly rejected: number;
    readonly repeated: number;
    readonly firstSeq: number | null;
    readonly lastSeq: number | null;
    readonly bytes: number;
    readonly milliseconds: number;
    readonly drift: readonly Drift[];
    /** The source ends inside a line, of which the rest is not there yet: what follows this byte lands once it is. */
    readonly tornAt: number | null;
    /** The load whose last row was taken back, because the source continued within it. */
    readonly tookBack: number | null;
    /** A header was all that there is. */
    readonly isEmpty: boolean;
}

/** Lands one source. If it fails, what was landed stays, and the same command resumes there. */
export async function loadSource(database: Database, source: Source, options: LoadOptions): Promise<LoadResult> {
    try {
        return await landed(database, source, options);
    } catch (error) {
        throw options.rows === undefined ? error : withPipedTable(error, options.rows.rows);
    }
}

async function landed(database: Database, source: Source, options: LoadOptions): Promise<LoadResult> {
    const started = performance.now();
    const start = await recogniseAndLock(database, source, options).catch((error: unknown) => {
        throw error instanceof EltError
            ? error.withMissing({ state: 'nothing of this source was landed by this command' })
            : error;
    });
    if (start.kind === 'same') {
        return { ...NOTHING_DONE, ...facts(source, start), ...counts(start.load, start.load), ...timed(started) };
    }
    const begins = start.takesBack === null ? start : afterTakingBack(database, start, start.takesBack);
    const reader =
        options.rows === undefined
            ? streamReader(begins, options)
            : await rowReader(database, begins, options.rows, options);
    const session = new LoadSession(database, begins, reader, options);
    useCache(database, CacheKib.landing);
    try {
        await session.read();
    } catch (error) {
        throw session.stopped(error);
    } finally {
        await session.reading.close?.();
    }
    const before = 'load_id' in begins.load ? begins.load : null;
    // Nothing stays of a load that could not even end a transaction that was open before.
    const after: LoadRow | undefined = readLoad(database, session.landing.loadId);
    return {
        ...NOTHING_DONE,
        ...facts(source, start),
        loadId: session.landing.loadId,
        ...(after === undefined ? {} : counts(before, after)),
        ...timed(started),
        drift: session.landing.drifted,
        tornAt: session.isTorn ? (after?.end_byte ?? begins.startByte) : null,
        tookBack: start.takesBack?.load_id ?? null,
        isEmpty: after !== undefined && isHeaderAlone(after),
    };
}

/** In the transaction of the load that begins, so that a crash leaves either both or none. */
function afterTakingBack(database: Database, start: ReadStart, load: LoadRow): ReadStart {
    takeBack(database, load);
    return start.kind === 'resumes' ? { ...start, load: readLoad(database, load.load_id) } : start;
}

/** CSV whose rows, in all loads of it, are none. */
function isHeaderAlone({ frame_state }: LoadRow): boolean {
    const framed = JSON.parse(frame_state) as { kind?: string; state?: { names?: unknown; records?: number } } | null;
    return framed?.kind === 'csv' && framed.state?.records === 0 && Array.isArray(framed.state.names);
}

const NOTHING_DONE = {
    loadId: 0,
    records: 0,
    changes: 0,
    messages: 0,
    rejected: 0,
    repeated: 0,
    firstSeq: null,
    lastSeq: null,
    bytes: 0,
    drift: [],
    tornAt: null,
    tookBack: null,
    isEmpty: false,
} as const;

function facts({ name }: Source, { kind }: LoadStart): Pick<LoadResult, 'source' | 'kind'> {
    return { source: name, kind };
}

function timed(started: number): Pick<LoadResult, 'milliseconds'> {
    return { milliseconds: performance.now() - started };
}

type Counts =
    | 'loadId'
    | 'records'
    | 'changes'
    | 'messages'
    | 'rejected'
    | 'repeated'
    | 'firstSeq'
    | 'lastSeq'
    | 'bytes';

function counts(before: LoadRow | null, after: LoadRow): Pick<LoadResult, Counts> {
    const since = (key: 'records' | 'changes' | 'messages' | 'rejected' | 'repeated'): number =>
        after[key] - (before?.[key] ?? 0);
    return {
        loadId: after.load_id,
        records: since('records'),
        changes: since('changes'),
        messages: since('messages'),
        rejected: since('rejected'),
        repeated: since('repeated'),
        firstSeq: after.first_seq,
        lastSeq: after.last_seq,
        bytes: after.end_byte - (before?.end_byte ?? after.start_byte),
    };
}
