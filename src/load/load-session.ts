import { runningHash } from '../capture/bytes/running-hash.ts';
import { SourceHash } from '../capture/bytes/source-hash.ts';
import { Utf8Check } from '../capture/bytes/utf8-check.ts';
import { LULL_MS } from '../capture/source/head.ts';
import type { SourceReading } from '../capture/source/source.ts';
import { LINE_FEED, returnsAtEnd } from '../core/ascii.ts';
import { EltError } from '../core/errors.ts';
import type { Frame } from '../core/frame.ts';
import type { StreamEvent, StreamReject } from '../core/stream-event.ts';
import { StreamLanding } from '../land/stream-landing.ts';
import { readLoad } from '../ledger/loads.ts';
import type { UnendedPlace } from '../ledger/unended-place.ts';
import { type Database, rollback } from '../sqlite/database.ts';
import { databaseError } from '../sqlite/database-error.ts';
import type { LoadStart } from './begin-load.ts';
import { type EventBytes, landEvent } from './land-event.ts';
import { landingPolicy } from './landing-policy.ts';
import type { LoadOptions } from './load-options.ts';
import { type PipePause, PipePauses } from './pipe-pauses.ts';
import { SourcePrefix } from './source-prefix.ts';
import type { SourceReader } from './source-reader.ts';

/** More rows per commit do not pay. They wait in a file, so memory does not grow with this number. */
const COMMIT_ROWS = 20_000;

export type ReadStart = Exclude<LoadStart, { kind: 'same' }>;

/**
 * One source while it is read. Owns the order of work within a chunk: frames are decoded and landed at once, because a
 * frame's bytes are valid only while it is delivered.
 */
export class LoadSession {
    readonly landing: StreamLanding;
    readonly reading: SourceReading;
    /** The source ended inside a record, of which the rest is not there yet. */
    isTorn = false;
    readonly #start: ReadStart;
    readonly #options: LoadOptions;
    readonly #reader: SourceReader;
    readonly #hash: SourceHash;
    readonly #utf8: Utf8Check;
    readonly #database: Database;
    #batches: number[] = [];
    /** The frame that is being decoded. */
    #frame: Frame | null = null;
    /** The next frame is the first of rows that no line break has ended. */
    #tailBegins = false;
    /** Where the last of them ends; infinite where one that does not fit is put aside like any other. */
    #tailEnd = Number.POSITIVE_INFINITY;
    #beforeTail: UnendedPlace | null = null;
    readonly #pauses: PipePauses | null;
    /** The digest of a place that was passed before it was known to be the last whole one. */
    #hashedAgain: { readonly offset: number; readonly digest: string } | null = null;

    constructor(database: Database, start: ReadStart, reader: SourceReader, options: LoadOptions) {
        this.#database = database;
        this.#start = start;
        this.#options = options;
        this.#reader = reader;
        this.reading = start.source.open(start.startByte === 0);
        this.#hash = new SourceHash(this.reading.hash ?? runningHash(start.prefix), start.startByte);
        this.#utf8 = new Utf8Check(start.source.name, start.startByte);
        this.landing = new StreamLanding(database, start.load, {
            ignorePositions: options.asNew || options.ignorePositions === true,
            strict: options.strict,
            policy: landingPolicy(options.settings),
            digestAt: (offset) => this.#hash.digestAt(offset) ?? this.#digestAgain(offset),
            frameState: () => this.#reader.framer.state(),
            needsPositions: start.needsPositions,
            commitRows: options.rows?.rows.commitRows ?? COMMIT_ROWS,
            committed: ({ changes }) => options.progress?.(this.reading.bytesRead, changes),
            isApart: options.rows !== undefined,
        });
        const isPipe = !start.source.seekable && options.pause !== undefined && options.afterBatch === undefined;
        this.#pauses = isPipe ? new PipePauses(this.landing, options.pause as PipePause) : null;
    }

    async read(): Promise<void> {
        let toSkip = this.#start.startByte;
        let end = 0;
        let returns = 0;
        for await (const bytes of this.#chunks()) {
            if (bytes === null) {
                await this.#options.interrupt.check('');
                await this.#pauses?.pause();
                continue;
            }
            this.#pauses?.resume();
            end += bytes.length;
            const chunk = toSkip === 0 ? bytes : bytes.subarray(Math.min(toSkip, bytes.length));
            toSkip -= bytes.length - chunk.length;
            if (chunk.length > 0) {
                await this.#takeChunk(chunk);
            }
            returns = returnsAtEnd(bytes);
            await this.#options.interrupt.checkNowAndThen();
        }
        this.#pauses?.resume();
        await this.#takeEnd(end, returns);
    }

    /** Null: a pipe is quiet. */
    #chunks(): AsyncIterable<Buffer | null> {
        return (this.#pauses === null ? undefined : this.reading.lulls?.(LULL_MS)) ?? this.reading;
    }

    /** Stops the load, keeping whole transactions; returns the error to throw, with that state. */
    stopped(error: unknown): unknown {
        const before = databaseError(this.#isForBytes(error) ? this.#utf8.error() : error, this.#database.name);
        const { source } = this.#start;
        try {
            this.#pauses?.resume();
            this.landing.stop();
        } catch {
            // The first error says more: on a full disk every later write fails too.
            rollback(this.#database);
        }
        if (!(before instanceof EltError)) {
            return before;
        }
        if (before.exitStatus === 7) {
            return before.withMissing({ where: `${source.name}: after byte ${this.landing.position}` });
        }
        const { changes, end_byte: end } = readLoad(this.#database, this.landing.loadId) ?? { changes: 0, end_byte: 0 };
        const then = before.code === 'SOURCE_OLDER' ? 'stops there again' : 'continues from there';
        const state = `${changes} changes of this load, up to byte ${end}, are committed; the same command ${then}`;
        return before.withMissing({ where: source.name }).withNew({ state });
    }

    /** What looks torn, or like no record at all, where bytes that are not UTF-8 were met before. */
    #isForBytes(error: unknown): boolean {
        const isOfForm = error instanceof EltError && ['SOURCE_TRUNCATED', 'SOURCE_NOT_JSON'].includes(error.code);
        return isOfForm && this.#utf8.firstBad !== null;
    }

    async #takeChunk(chunk: Buffer): Promise<void> {
        this.#hash.beginChunk(chunk);
        this.#utf8.take(chunk);
        if (this.#pauses?.isDue === true) {
            await this.#takeByLines(chunk, this.#pauses);
        } else if (this.#options.afterBatch === undefined) {
            this.#reader.framer.push(chunk, this.#takeFrame, this.reading.aheadOf?.(chunk));
        } else {
            // A batch must be committed before the next one lands, so the bytes up to its end are pushed separately.
            await this.#takeByBatches(chunk);
        }
        this.#hash.endChunk(this.landing.position);
    }

    /** Pushes line by line up to the end of a transaction, at which the load can pause; then the rest. */
    async #takeByLines(chunk: Buffer, pauses: PipePauses): Promise<void> {
        let from = 0;
        while (from < chunk.length) {
            const feed = pauses.isDue ? chunk.indexOf(LINE_FEED, from) : -1;
            const to = feed < 0 ? chunk.length : feed + 1;
            this.#reader.framer.push(chunk.subarray(from, to), this.#takeFrame);
            await pauses.pause();
            pauses.resume();
            from = to;
        }
    }

    /** Pushes up to each `]`, where a batch can end; then it is committed and transformed. */
    async #takeByBatches(chunk: Buffer): Promise<void> {
        let from = 0;
        while (from < chunk.length) {
            const close = chunk.indexOf(0x5d, from);
            const to = close < 0 ? chunk.length : close + 1;
            this.#reader.framer.push(chunk.subarray(from, to), this.#takeFrame);
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

    /** A file may be read while it is written: then what its last line lacks is no fault of it. */
    async #takeEnd(end: number, returns: number): Promise<void> {
        const canGrow = this.reading.canGrow === true;
        const grows = canGrow && !this.#options.strict;
        const isOfRows = this.#options.rows !== undefined;
        if (canGrow && this.#hash.digestAt(this.landing.position) === null) {
            await this.#hashAgain(this.landing.position);
        }
        this.#utf8.end();
        this.#tailBegins = canGrow && isOfRows;
        if (grows && isOfRows) {
            this.#tailEnd = end - returns;
        }
        const ending = this.#reader.framer.end(this.#takeFrame, grows);
        this.isTorn ||= ending === 'torn line';
        if (this.#utf8.firstBad !== null && !this.isTorn) {
            throw this.#utf8.error();
        }
        await this.#afterBatches();
        if (this.isTorn) {
            this.landing.leaveTorn(this.#start.takesBack !== null);
        } else {
            const place = this.#beforeTail;
            this.landing.finish(end, place && { ...place, kind: ending === 'open quote' ? 'quote' : 'line' });
        }
    }

    /** A line that was put aside only after the lines that follow it were read. */
    async #hashAgain(offset: number): Promise<void> {
        const reading = this.#start.source.open()[Symbol.asyncIterator]();
        const prefix = new SourcePrefix({ bytes: Buffer.alloc(0), isAll: false }, reading, () =>
            this.#options.interrupt.checkNowAndThen(),
        );
        if (await prefix.upTo(offset)) {
            this.#hashedAgain = { offset, digest: prefix.hash().digest('hex') };
        }
        await reading.return?.();
    }

    #digestAgain(offset: number): (() => string) | null {
        const again = this.#hashedAgain;
        return again?.offset === offset ? () => again.digest : null;
    }

    readonly #takeFrame = (frame: Frame): void => {
        this.#frame = frame;
        if (this.#tailBegins) {
            this.#tailBegins = false;
            this.#beforeTail = this.landing.beginTail();
        }
        const bad = this.#utf8.firstBad;
        if (bad !== null && bad < endOf(frame)) {
            this.#takeBytes(frame);
        } else {
            this.#reader.decoder.decode(frame, this.#takeEvent);
        }
    };

    /** A frame that is not UTF-8. */
    #takeBytes(frame: Frame): void {
        if (endOf(frame) >= this.#tailEnd) {
            this.isTorn = true;
        } else if (this.#reader.decoder.decodeBytes?.(frame, this.#takeEvent) !== true) {
            throw this.#utf8.error();
        }
        this.#utf8.pass(endOf(frame));
    }

    /** One function for all frames: a closure for each would be created millions of times. */
    readonly #takeEvent = (decoded: StreamEvent): void => {
        if (decoded.kind === 'batch') {
            this.#batches.push(decoded.batch);
        }
        if (this.isTorn) {
            return;
        }
        landEvent(this.#sink, decoded, this.#bytesOfFrame);
    };

    readonly #bytesOfFrame = (): EventBytes => {
        const frame = this.#frame as Exclude<Frame, { kind: 'batch' }>;
        return frame.kind === 'bad' ? { source: frame.reject.bytes, start: 0, end: frame.reject.length } : frame;
    };

    /** What was decoded lands; a reject is looked at first. */
    readonly #sink = {
        take: (event: StreamEvent): void => {
            if (event.kind === 'reject') {
                this.#takeReject(event);
            } else {
                this.landing.take(event);
            }
        },
    };

    /** Of a file that grows, a last row that does not fit may be half of one that does. */
    #takeReject(event: StreamReject): void {
        if (event.reject.offset + event.reject.length >= this.#tailEnd) {
            this.isTorn = true;
        } else {
            this.landing.take(event);
        }
    }
}

/** Byte after the frame. */
function endOf(frame: Frame): number {
    if (frame.kind === 'bad') {
        return frame.reject.offset + frame.reject.length;
    }
    return frame.kind === 'batch' ? frame.offset : frame.offset + frame.end - frame.start;
}
