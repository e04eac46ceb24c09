import { type Frame, RECORD_BYTES_MAX, type RejectedBytes } from '../../core/frame.ts';
import type { RejectCollector } from '../../core/rejected-bytes.ts';
import type { ScannedAhead } from '../skeleton/scanned-ahead.ts';
import { SkeletonMatcher } from '../skeleton/skeleton-matcher.ts';
import { ByteWindow } from './byte-window.ts';
import { JsonScanner } from './json-scanner.ts';
import type { OpenBrackets } from './open-brackets.ts';
import { OpenRecord } from './open-record.ts';

/** The open arrays around the records, at the end of a record. Small plain data that can be stored as JSON. */
export interface FramerState {
    /** 0: outside of arrays, 1: in a list of records, 2: in a batch of a list of batches. */
    readonly depth: number;
    readonly batches: number;
    readonly records: number;
    /** True as long as every record outside of arrays was on one line. */
    readonly lines: boolean;
}

export interface FramerOptions {
    /** Place of the first byte that will be pushed. */
    readonly offset?: number;
    /** The result of `state()` at that place. */
    readonly state?: FramerState;
    /** Name of the source, for errors. */
    readonly source?: string;
    /** A record up to this length is framed whole before its frames are delivered. */
    readonly recordHeldBytesMax?: number;
    /** A longer change is skipped and reported as a bad frame. */
    readonly changeBytesMax?: number;
    /** False: every change is scanned byte by byte (for comparison in tests). */
    readonly skeletons?: boolean;
    /** False: any object is a record, and a list `"change"` in it is an ordinary member. */
    readonly lists?: boolean;
}

/** Between records; in a record outside its list of changes; in the list; in a change; after something broken. */
export type FramingMode = 'between' | 'record' | 'list' | 'change' | 'search';

/** Where a broken region began, and how it may end. */
export interface Broken {
    /** Place of its first byte. */
    readonly at: number;
    /** Place from which its bytes are still in the window. */
    readonly from: number;
    /** As far as is known, only a change of the open record is broken. */
    readonly inList: boolean;
    /** It began between records, not inside one. */
    readonly loose: boolean;
    /** Of a region in an array that is open around the records: it ends with that array at the latest. */
    readonly brackets?: OpenBrackets;
    readonly reason: string;
    readonly detail: string;
}

export const MIB = 1024 * 1024;

/**
 * The state that the parts of the framer share. The parts are functions that take the index of the next byte in the
 * window and return the index after what they consumed.
 *
 * Places (`…At`, `at`) count from the start of the source; indexes count in `window.bytes`, and are valid only until
 * the next bytes arrive.
 */
export class Framing {
    readonly window: ByteWindow;
    readonly scanner = new JsonScanner();
    readonly open: OpenRecord;
    readonly changeMatcher: SkeletonMatcher | null;
    readonly recordMatcher: SkeletonMatcher | null;
    readonly changeBytesMax: number;
    readonly source: string;
    /** Records may hold a list of changes. */
    readonly lists: boolean;
    emit: (frame: Frame) => void = () => {};
    mode: FramingMode = 'between';
    /** Place of the next byte to look at. */
    at: number;
    /** More bytes are needed. */
    paused = false;
    /** The source has ended. */
    ended = false;
    depth: number;
    batches: number;
    /** Records that have ended, including rejected ones. */
    records: number;
    lines: boolean;
    /** Whether any record has begun. */
    sound: boolean;
    /** Place where the current change began. */
    changeAt = 0;
    broken: Broken | null = null;
    /**
     * How the first record began, from its `{` to the `[` of `"change":[`: records without an xid or an LSN repeat it, and
     * framing them costs a fifth less where it is compared first.
     */
    opening: { readonly bytes: Buffer; readonly keyIndex: number } | null = null;
    /** There is no line feed between the start of the last record outside of arrays and this place. */
    lineFeedAt = 0;
    /** Bytes so far of a broken region, or of a change that is too large. */
    collector: RejectCollector | null = null;

    constructor(options: FramerOptions) {
        const offset = options.offset ?? 0;
        this.window = new ByteWindow(offset);
        this.at = offset;
        this.depth = options.state?.depth ?? 0;
        this.batches = options.state?.batches ?? 0;
        this.records = options.state?.records ?? 0;
        this.lines = options.state?.lines ?? true;
        this.sound = this.records > 0;
        this.source = options.source ?? 'the source';
        this.lists = options.lists ?? true;
        this.changeBytesMax = options.changeBytesMax ?? RECORD_BYTES_MAX;
        this.open = new OpenRecord(this.window, options.recordHeldBytesMax ?? MIB, (frame) => this.emit(frame));
        const isMatched = options.skeletons !== false;
        this.changeMatcher = isMatched ? new SkeletonMatcher('change', this.open.values) : null;
        this.recordMatcher = isMatched ? new SkeletonMatcher('record', this.open.values) : null;
    }

    /** Whether a line feed ends a broken record, because each record is on one line. */
    get onLines(): boolean {
        return this.lines && this.records > 0 && this.depth === 0;
    }

    useAhead(ahead: ScannedAhead | null): void {
        for (const matcher of [this.changeMatcher, this.recordMatcher]) {
            if (matcher !== null) {
                matcher.ahead = ahead;
            }
        }
    }

    pause(index: number): number {
        this.paused = true;
        return index;
    }

    /** The bytes before `index` are no longer needed. */
    release(index: number): void {
        const gone = this.window.bytes.subarray(this.window.start, index);
        this.open.streamed?.add(gone);
        this.collector?.add(gone);
        this.window.start = index;
    }

    /** The collected bytes as a reject. */
    takeCollector(reason: string, detail: string): RejectedBytes {
        const reject = (this.collector as RejectCollector).finish(reason, detail);
        this.collector = null;
        return reject;
    }
}
