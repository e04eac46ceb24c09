import type { Frame, RejectedBytes } from '../../core/frame.ts';
import type { RejectCollector } from '../../core/rejected-bytes.ts';
import { SkeletonMatcher } from '../skeleton/match-change.ts';
import { RecordSkeletons } from '../skeleton/match-record.ts';
import type { ScannedAhead } from '../skeleton/scanned-ahead.ts';
import { ByteWindow } from './byte-window.ts';
import { Needle } from './find-line-feed.ts';
import { JsonScanner } from './json-scanner.ts';
import type { OpenBrackets } from './open-brackets.ts';
import { OpenRecord } from './open-record.ts';
import { RecordOpening } from './record-opening.ts';

/** Where the arrays around the records stand at the end of a record. Small, and can be written as JSON. */
export interface FramerState {
    /** 0: outside of arrays, 1: in a list of records, 2: in a batch of a list of batches. */
    readonly depth: number;
    readonly batches: number;
    readonly records: number;
    /** True while every record outside of arrays was one line. */
    readonly lines: boolean;
}

export interface FramerOptions {
    /** Place of the first byte that will be pushed. */
    readonly offset?: number;
    /** What `state()` gave at that place. */
    readonly state?: FramerState;
    /** Name of the source, for errors. */
    readonly source?: string;
    /** A record up to this length is framed whole before its frames are delivered. */
    readonly recordHeldBytesMax?: number;
    /** A longer change is skipped, and told as a bad frame. */
    readonly changeBytesMax?: number;
    /** False: every change is scanned byte by byte (to compare with). */
    readonly skeletons?: boolean;
    /** False: an object is a record whatever its members; a list `"change"` in it is a member like others. */
    readonly lists?: boolean;
}

/** Between records; in a record outside its list of changes; in the list; in a change; behind something broken. */
export type FramingMode = 'between' | 'record' | 'list' | 'change' | 'search';

/** Where a broken region began, and what it may end with. */
export interface Broken {
    /** Place of its first byte. */
    readonly at: number;
    /** Place from which its bytes are still in the window. */
    readonly from: number;
    /** Only a change of the open record is known to be broken. */
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
 * What the parts of the framer share: where it is in the source. The parts are functions that take the index of the
 * next byte in the window and return the index behind what they took.
 *
 * Places (`…At`, `at`) count from the start of the source; indexes count in `window.bytes`, and are good only until the
 * next bytes arrive.
 */
export class Framing {
    readonly window: ByteWindow;
    readonly scanner = new JsonScanner();
    readonly open: OpenRecord;
    readonly matcher: SkeletonMatcher | null;
    readonly recordSkeletons: RecordSkeletons | null;
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
    /** There are no more bytes. */
    ended = false;
    depth: number;
    batches: number;
    /** Records that have ended, those put aside included. */
    records: number;
    lines: boolean;
    /** Whether a record has begun at all. */
    sound: boolean;
    /** Place where the change under way began. */
    changeAt = 0;
    broken: Broken | null = null;
    readonly opening = new RecordOpening();
    readonly lineFeed = new Needle(Buffer.from('\n'));
    /** Bytes of a broken region, or of a change too large, that have gone by. */
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
        this.changeBytesMax = options.changeBytesMax ?? 256 * MIB;
        this.open = new OpenRecord(this.window, options.recordHeldBytesMax ?? MIB, (frame) => this.emit(frame));
        this.matcher = options.skeletons === false ? null : new SkeletonMatcher(this.open.values);
        this.recordSkeletons = options.skeletons === false ? null : new RecordSkeletons(this.open.values);
    }

    /** Whether a line feed ends a broken record: records stand on lines. */
    get onLines(): boolean {
        return this.lines && this.records > 0 && this.depth === 0;
    }

    useAhead(ahead: ScannedAhead | null): void {
        if (this.matcher !== null) {
            this.matcher.ahead = ahead;
        }
        if (this.recordSkeletons !== null) {
            this.recordSkeletons.ahead = ahead;
        }
    }

    pause(index: number): number {
        this.paused = true;
        return index;
    }

    /** The bytes before `index` are done with. */
    release(index: number): void {
        const gone = this.window.bytes.subarray(this.window.start, index);
        this.open.streamed?.add(gone);
        this.collector?.add(gone);
        this.window.start = index;
    }

    /** What was collected, as a reject. */
    takeCollector(reason: string, detail: string): RejectedBytes {
        const reject = (this.collector as RejectCollector).finish(reason, detail);
        this.collector = null;
        return reject;
    }
}
