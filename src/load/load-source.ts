import { runningHash } from '../capture/bytes/running-hash.ts';
import { SourceHash } from '../capture/bytes/source-hash.ts';
import type { FrameReader } from '../capture/rows/table-framer.ts';
import type { Source, SourceReading } from '../capture/source/source.ts';
import { CLOSE_ARRAY } from '../core/ascii.ts';
import { EltError } from '../core/errors.ts';
import type { Frame } from '../core/frame.ts';
import type { StreamEvent } from '../core/stream-event.ts';
import type { Decoder } from '../decode/wal2json/decoder.ts';
import { StreamLanding } from '../land/stream-landing.ts';
import type { Drift } from '../ledger/catalogue.ts';
import { type LoadRow, readLoad } from '../ledger/loads.ts';
import type { Interrupt } from '../process/interrupt.ts';
import { declaredText, type PipelineSettings } from '../project/pipeline-settings.ts';
import { CacheKib, type Database, rollback, useCache } from '../sqlite/database.ts';
import { databaseError } from '../sqlite/database-error.ts';
import { type LoadStart, recogniseAndLock } from './begin-load.ts';
import { type EventBytes, landEvent } from './land-event.ts';
import { type RowSource, rowReader, type SourceReader, streamReader } from './source-reader.ts';

/** Connects the stages, one source at a time: bytes ─▶ frames ─▶ changes ─▶ staging. */

/** More rows per commit do not pay. They wait in a file, so memory does not grow with this number. */
const COMMIT_ROWS = 20_000;

export interface LoadOptions {
    readonly asNew: boolean;
    readonly strict: boolean;
    readonly settings: PipelineSettings;
    /** Ignore positions: for sources that land out of order. */
    readonly ignorePositions?: boolean;
    readonly interrupt: Pick<Interrupt, 'check' | 'checkNowAndThen'>;
    /** Set if the source holds rows of a table, not a change stream. */
    readonly rows?: RowSource;
    /** Called at intervals with the bytes read from the disk and the changes landed by this load. */
    readonly progress?: (bytes: number, changes: number) => void;
    /** Called at the end of each batch of a list of batches, when it is committed. */
    readonly afterBatch?: (batch: number) => Promise<void>;
}

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
}

/** Lands one source. If it fails, what was landed stays, and the same command resumes there. */
export async function loadSource(database: Database, source: Source, options: LoadOptions): Promise<LoadResult> {
    const started = performance.now();
    const start = await recogniseAndLock(database, source, options).catch((error: unknown) => {
        throw error instanceof EltError
            ? error.withMissing({ state: 'nothing of this source was landed by this command' })
            : error;
    });
    if (start.kind === 'same') {
        return resultOf(start.source, start.kind, start.load, start.load, [], performance.now() - started);
    }
    const before = 'load_id' in start.load ? start.load : null;
    const reading =
        options.rows === undefined
            ? streamReader(start, options.settings)
            : await rowReader(database, start, options.rows);
    const session = new LoadSession(database, start, reading, options);
    useCache(database, CacheKib.landing);
    try {
        await session.read();
    } catch (error) {
        throw session.stopped(error);
    } finally {
        await session.reading.close?.();
    }
    const after = readLoad(database, session.landing.loadId);
    return resultOf(source, start.kind, before, after, session.landing.drifted, performance.now() - started);
}

/**
 * One source while it is read. Owns the order of work within a chunk: frames are decoded and landed at once, because a
 * frame's bytes are valid only while it is delivered.
 */
class LoadSession {
    readonly landing: StreamLanding;
    readonly #source: Source;
    readonly #options: LoadOptions;
    readonly #framer: FrameReader;
    readonly #decoder: Pick<Decoder, 'decode'>;
    readonly #hash: SourceHash;
    readonly #startByte: number;
    readonly #database: Database;
    #batches: number[] = [];
    /** The frame that is being decoded. */
    #frame: Frame | null = null;
    readonly reading: SourceReading;

    constructor(database: Database, start: ReadStart, { framer, decoder }: SourceReader, options: LoadOptions) {
        this.#database = database;
        this.#source = start.source;
        this.#options = options;
        this.#startByte = start.startByte;
        this.reading = this.#source.open(start.startByte === 0);
        this.#hash = new SourceHash(this.reading.hash ?? runningHash(start.prefix), start.startByte);
        const declared = declaredText(options.settings);
        this.#framer = framer;
        this.#decoder = decoder;
        this.landing = new StreamLanding(database, start.load, {
            ignorePositions: options.asNew || options.ignorePositions === true,
            strict: options.strict,
            policy: { drift: options.settings.drift, declared },
            digestAt: (offset) => this.#hash.digestAt(offset),
            frameState: () => this.#framer.state(),
            needsPositions: start.needsPositions,
            commitRows: options.rows?.rows.commitRows ?? COMMIT_ROWS,
            committed: (landing) => options.progress?.(this.reading.bytesRead, landing.counts.changes),
        });
    }

    async read(): Promise<void> {
        let toSkip = this.#startByte;
        let end = 0;
        for await (const bytes of this.reading) {
            end += bytes.length;
            const chunk = toSkip === 0 ? bytes : bytes.subarray(Math.min(toSkip, bytes.length));
            toSkip -= bytes.length - chunk.length;
            if (chunk.length > 0) {
                await this.#takeChunk(chunk);
            }
            await this.#options.interrupt.checkNowAndThen();
        }
        this.#framer.end(this.#takeFrame);
        await this.#afterBatches();
        this.landing.finish(end);
    }

    /** Stops the load, keeping whole transactions; returns the error to throw, with that state. */
    stopped(error: unknown): unknown {
        const before = databaseError(error, this.#database.name);
        try {
            this.landing.stop();
        } catch {
            // The first error says more: on a full disk every later write fails too.
            rollback(this.#database);
        }
        if (!(before instanceof EltError)) {
            return before;
        }
        if (before.exitStatus === 7) {
            return before.withMissing({ where: `${this.#source.name}: after byte ${this.landing.position}` });
        }
        const { changes, end_byte: end } = readLoad(this.#database, this.landing.loadId) ?? { changes: 0, end_byte: 0 };
        const then = before.code === 'SOURCE_OLDER' ? 'stops there again' : 'continues from there';
        const state = `${changes} changes of this load, up to byte ${end}, are committed; the same command ${then}`;
        return before.withMissing({ where: this.#source.name }).withNew({ state });
    }

    async #takeChunk(chunk: Buffer): Promise<void> {
        this.#hash.beginChunk(chunk);
        if (this.#options.afterBatch === undefined) {
            this.#framer.push(chunk, this.#takeFrame, this.reading.aheadOf?.(chunk));
        } else {
            // A batch must be committed before the next one lands, so the bytes up to its end are pushed separately.
            await this.#takeByBatches(chunk);
        }
        this.#hash.endChunk(this.landing.position);
    }

    /** Pushes up to each `]`, where a batch can end; then it is committed and transformed. */
    async #takeByBatches(chunk: Buffer): Promise<void> {
        let from = 0;
        while (from < chunk.length) {
            const close = chunk.indexOf(CLOSE_ARRAY, from);
            const to = close < 0 ? chunk.length : close + 1;
            this.#framer.push(chunk.subarray(from, to), this.#takeFrame);
            await this.#afterBatches();
            from = to;
        }
    }

    async #afterBatches(): Promise<void> {
        for (const batch of this.#batches.splice(0)) {
            // If a batch ends inside a transaction, its changes are transformed together with the next batch.
            if (this.#options.afterBatch !== undefined && this.landing.isWhole) {
                this.landing.pause();
                await this.#options.afterBatch(batch);
                await this.#options.interrupt.check('');
                this.landing.resume();
            }
        }
    }

    readonly #bytesOfFrame = (): EventBytes => {
        const frame = this.#frame as Exclude<Frame, { kind: 'batch' }>;
        return frame.kind === 'bad' ? { source: frame.reject.bytes, start: 0, end: frame.reject.length } : frame;
    };

    readonly #takeFrame = (frame: Frame): void => {
        this.#frame = frame;
        this.#decoder.decode(frame, this.#takeEvent);
    };

    /** One function for all frames: a closure for each would be created millions of times. */
    readonly #takeEvent = (decoded: StreamEvent): void => {
        if (decoded.kind === 'batch') {
            this.#batches.push(decoded.batch);
        }
        landEvent(this.landing, decoded, this.#bytesOfFrame);
    };
}

type ReadStart = Exclude<LoadStart, { kind: 'same' }>;

function resultOf(
    source: Source,
    kind: LoadResult['kind'],
    before: LoadRow | null,
    after: LoadRow,
    drift: readonly Drift[],
    milliseconds: number,
): LoadResult {
    const since = (key: 'records' | 'changes' | 'messages' | 'rejected' | 'repeated'): number =>
        after[key] - (before?.[key] ?? 0);
    return {
        source: source.name,
        kind,
        loadId: after.load_id,
        records: since('records'),
        changes: since('changes'),
        messages: since('messages'),
        rejected: since('rejected'),
        repeated: since('repeated'),
        firstSeq: after.first_seq,
        lastSeq: after.last_seq,
        bytes: after.end_byte - (before?.end_byte ?? after.start_byte),
        milliseconds,
        drift,
    };
}
