import { EltError } from '../errors.ts';
import type { Frame, RejectedBytes } from '../frame.ts';
import { RejectCollector, rejectedBytes } from '../rejected-bytes.ts';
import { ByteWindow } from './byte-window.ts';
import { JsonScanner } from './json-scanner.ts';
import { OpenRecord } from './open-record.ts';
import { closingListAt, isSpace, nextBeginning, trimmedEnd } from './resync.ts';
import { SkeletonMatcher } from './skeleton-matcher.ts';

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

type Mode = 'between' | 'record' | 'list' | 'change' | 'search';

/** Where a broken region began, and what it may end with. */
interface Broken {
    /** Place of its first byte. */
    readonly at: number;
    /** Place from which its bytes are still in the window. */
    readonly from: number;
    /** Only a change of the open record is known to be broken. */
    readonly inList: boolean;
    /** It began between records, not inside one. */
    readonly loose: boolean;
    readonly reason: string;
    readonly detail: string;
}

const MIB = 1024 * 1024;
const LINE_FEED = 0x0a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
/** Passed over at the very beginning of a source; offsets count it. */
const BYTE_ORDER_MARK: readonly (number | undefined)[] = [0xef, 0xbb, 0xbf];
const NO_VALUES: readonly (readonly unknown[])[] = [];

/**
 * Cuts the bytes of a source into frames: a JSON array of records, a list of batches, or objects one after the other
 * (in lines, pretty-printed, in wal2json's chunks), in any mixture. White space and commas between records carry
 * nothing and are passed over, missing or doubled ones too: there is not a byte of a record in them.
 *
 * Owns the window of bytes that are still needed. Invariant: what is before the window's start has been delivered, or
 * is in a collector of bytes that will be rejected. It keeps nothing that a crash could lose: a source is framed again
 * from the last place that was stored.
 */
export class Framer {
    readonly #window: ByteWindow;
    readonly #scanner = new JsonScanner();
    readonly #open: OpenRecord;
    readonly #matcher: SkeletonMatcher | null;
    readonly #changeBytesMax: number;
    readonly #source: string;
    readonly #lists: boolean;
    #emit: (frame: Frame) => void = () => {};
    #mode: Mode = 'between';
    /** Place of the next byte to look at. */
    #at: number;
    #paused = false;
    #ended = false;
    #depth: number;
    #batches: number;
    #records: number;
    #lines: boolean;
    /** Whether a record has begun at all. */
    #sound: boolean;
    /** Place where the change under way began. */
    #changeAt = 0;
    #broken: Broken | null = null;
    /** Place of the next line feed, if known, and how far it was looked for. */
    #lineFeedAt = -1;
    #lineFeedSearchedTo = 0;
    /** Bytes of a broken region, or of a change too large, that have gone by. */
    #collector: RejectCollector | null = null;
    readonly #read = (): void => {
        let index = this.#at - this.#window.base;
        this.#paused = false;
        while (!this.#paused) index = this.#step(index);
        this.#at = index + this.#window.base;
    };

    constructor(options: FramerOptions = {}) {
        const offset = options.offset ?? 0;
        this.#window = new ByteWindow(offset);
        this.#at = offset;
        this.#depth = options.state?.depth ?? 0;
        this.#batches = options.state?.batches ?? 0;
        this.#records = options.state?.records ?? 0;
        this.#lines = options.state?.lines ?? true;
        this.#sound = this.#records > 0;
        this.#source = options.source ?? 'the source';
        this.#lists = options.lists ?? true;
        this.#changeBytesMax = options.changeBytesMax ?? 256 * MIB;
        this.#open = new OpenRecord(this.#window, options.recordHeldBytesMax ?? MIB, (frame) => this.#emit(frame));
        this.#matcher = options.skeletons === false ? null : new SkeletonMatcher();
    }

    /** Frames what `chunk` completes. Bytes of a frame are valid only while `emit` runs. */
    push(chunk: Buffer, emit: (frame: Frame) => void): void {
        this.#emit = emit;
        this.#window.feed(chunk, this.#read);
    }

    /**
     * The source has ended.
     * @throws EltError SOURCE_TRUNCATED if it ends inside a record or an array; what came before has been delivered.
     * @throws EltError SOURCE_NOT_JSON if nothing in it was a record.
     */
    end(emit: (frame: Frame) => void): void {
        this.#emit = emit;
        this.#ended = true;
        this.#read();
        while (this.#mode !== 'between') {
            if (this.#mode !== 'search' && !this.#searchInUnfinished()) throw this.#truncatedRecord();
            this.#read();
        }
        if (this.#depth > 0) throw this.#truncatedArray();
    }

    /** The arrays around the records, while the last frame of a record (or of a batch) is being delivered. */
    state(): FramerState {
        return { depth: this.#depth, batches: this.#batches, records: this.#records, lines: this.#lines };
    }

    #step(index: number): number {
        switch (this.#mode) {
            case 'between':
                return this.#between(index);
            case 'record':
                return this.#inRecord(index);
            case 'list':
                return this.#inList(index);
            case 'change':
                return this.#inChange(index);
            case 'search':
                return this.#search(index);
        }
    }

    #pause(index: number): number {
        this.#paused = true;
        return index;
    }

    /** The bytes before `index` are done with. */
    #release(index: number): void {
        const gone = this.#window.bytes.subarray(this.#window.start, index);
        this.#open.streamed?.add(gone);
        this.#collector?.add(gone);
        this.#window.start = index;
    }

    #between(from: number): number {
        const { bytes, end } = this.#window;
        let index = from;
        for (; index < end; index++) {
            const byte = bytes[index] as number;
            if (byte === 0x2c || isSpace(byte)) continue;
            if (byte === OPEN_OBJECT) return this.#beginRecord(index);
            if (byte === OPEN_ARRAY && this.#depth < 2) this.#depth++;
            else if (byte === CLOSE_ARRAY && this.#depth > 0) this.#closeArray(index);
            else if (byte !== BYTE_ORDER_MARK[index + this.#window.base]) return this.#notARecord(index, byte);
        }
        this.#window.start = index;
        return this.#pause(index);
    }

    #closeArray(index: number): void {
        this.#depth--;
        if (this.#depth === 0) return;
        this.#batches++;
        this.#emit({ kind: 'batch', offset: index + 1 + this.#window.base, batch: this.#batches });
    }

    #notARecord(index: number, byte: number): number {
        this.#window.start = index;
        const at = index + this.#window.base;
        const [reason, detail] =
            byte === OPEN_ARRAY
                ? ['array-too-deep', 'Records may stand in an array or in an array of arrays, not deeper.']
                : byte === CLOSE_ARRAY
                  ? ['array-not-open', 'A "]" closes an array that was not opened.']
                  : ['not-a-record', 'What stands here is no JSON object.'];
        return this.#searchFrom({ at, from: at, inList: false, loose: true, reason, detail }, index + 1);
    }

    #beginRecord(index: number): number {
        this.#window.start = index;
        this.#open.begin(this.#records + 1, index + this.#window.base);
        this.#scanner.beginRecord();
        this.#mode = 'record';
        this.#sound = true;
        return index;
    }

    #inRecord(from: number): number {
        const { bytes, end, base } = this.#window;
        const open = this.#open;
        const wantsList = this.#lists && open.listAt === -1 && this.#collector === null;
        const index = this.#scanner.scan(bytes, from, end, base, 0, wantsList);
        switch (this.#scanner.stop) {
            case 'more':
                return this.#wait(index, open.tailAt === -1 ? open.start : open.tailAt);
            case 'closed':
                return this.#finishRecord(index);
            case 'list':
                open.openList(this.#scanner.changeKeyAt, index + base);
                this.#mode = 'list';
                return index;
            case 'broken':
                return this.#brokenRecord(this.#scanner.reason, this.#scanner.detail, this.#searchableFrom());
        }
    }

    /** The open record is broken; its end is looked for from `index` on. */
    #brokenRecord(reason: string, detail: string, index: number): number {
        const from = index + this.#window.base;
        return this.#searchFrom({ at: this.#open.start, from, inList: false, loose: false, reason, detail }, index);
    }

    /** Where the end of the open record, being broken, can be looked for at the earliest. */
    #searchableFrom(): number {
        const { start, base } = this.#window;
        if (this.#collector !== null) return start;
        return this.#open.tailAt === -1 ? start + 1 : this.#open.tailAt - base;
    }

    #finishRecord(index: number): number {
        const end = index + this.#window.base;
        const open = this.#open;
        if (this.#lines && this.#depth === 0 && !this.#isOneLine(index)) this.#lines = false;
        this.#records = open.record;
        this.#mode = 'between';
        if (open.listAt === -1 && (this.#collector !== null || end - open.start > this.#changeBytesMax)) {
            this.#collector ??= new RejectCollector(open.start);
            this.#release(index);
            const reject = this.#takeCollector(
                'record-too-large',
                `A record of ${end - open.start} bytes is not read.`,
            );
            this.#emit({ kind: 'bad', reject, torn: false, record: open.record, change: null });
            return index;
        }
        open.finish(end);
        open.streamed = null;
        this.#window.start = index;
        return index;
    }

    /** Whether the record before `index` stands on one line. */
    #isOneLine(index: number): boolean {
        if (this.#open.streamed !== null || this.#collector !== null) return false;
        const { bytes, start, end, base } = this.#window;
        if (this.#lineFeedAt < start + base) {
            const from = Math.max(start, this.#lineFeedSearchedTo - base);
            const found = bytes.subarray(0, end).indexOf(LINE_FEED, from);
            this.#lineFeedAt = found === -1 ? -1 : found + base;
            this.#lineFeedSearchedTo = (found === -1 ? end : found) + base;
            if (found === -1) return true;
        }
        return this.#lineFeedAt >= index + base;
    }

    #inList(from: number): number {
        const { bytes, end, base } = this.#window;
        const open = this.#open;
        for (let index = from; index < end; index++) {
            const byte = bytes[index] as number;
            // wal2json writes `[,{` before a message that is not part of a transaction: nothing is missing there.
            if (byte === 0x2c || isSpace(byte)) continue;
            if (byte === OPEN_OBJECT) return this.#beginChange(index);
            if (byte === CLOSE_ARRAY) return this.#closeList(index);
            const at = index + base;
            const detail = `${JSON.stringify(String.fromCharCode(byte))} stands where a change or "]" was expected.`;
            return this.#searchFrom(
                { at, from: at, inList: true, loose: false, reason: 'not-json', detail },
                index + 1,
            );
        }
        if (open.streamed !== null) this.#release(end);
        return this.#pause(end);
    }

    #closeList(index: number): number {
        this.#open.tailAt = index + 1 + this.#window.base;
        this.#scanner.closeList();
        this.#mode = 'record';
        return index + 1;
    }

    #beginChange(index: number): number {
        const { bytes, end, base } = this.#window;
        const matched = this.#matcher === null ? -1 : this.#matcher.match(bytes, index, end, base);
        if (this.#matcher !== null && matched !== -1) {
            this.#open.addChange(index + base, matched + base, this.#matcher.skeleton, this.#matcher.values);
            return matched;
        }
        this.#changeAt = index + base;
        this.#scanner.beginChange();
        this.#mode = 'change';
        return index;
    }

    #inChange(from: number): number {
        const { bytes, end, base } = this.#window;
        const index = this.#scanner.scan(bytes, from, end, base, 2, false);
        switch (this.#scanner.stop) {
            case 'more':
                return this.#wait(index, this.#changeAt);
            case 'broken': {
                const { reason, detail } = this.#scanner;
                if (this.#collector !== null) return this.#brokenRecord(reason, detail, this.#window.start);
                const at = this.#changeAt;
                return this.#searchFrom({ at, from: at, inList: true, loose: false, reason, detail }, at - base);
            }
            default:
                return this.#finishChange(index);
        }
    }

    #finishChange(index: number): number {
        const { bytes, base } = this.#window;
        const length = index + base - this.#changeAt;
        this.#mode = 'list';
        if (this.#collector === null && length <= this.#changeBytesMax) {
            this.#matcher?.learn(bytes, this.#changeAt - base, index);
            this.#open.addChange(this.#changeAt, index + base, null, NO_VALUES);
            return index;
        }
        this.#open.stream();
        if (this.#collector === null) this.#skipChange();
        this.#release(index);
        this.#open.addBadChange(this.#takeCollector('change-too-large', `A change of ${length} bytes is not read.`));
        return index;
    }

    /** More bytes are needed; those from `needed` on are held, unless they are too many. */
    #wait(index: number, needed: number): number {
        const tooLong = index + this.#window.base - needed > this.#changeBytesMax;
        if (this.#collector === null && tooLong) {
            if (this.#open.tailAt !== -1) {
                return this.#brokenRecord('record-too-large', 'The members behind "change" are too long.', index);
            }
            if (this.#mode === 'change') {
                this.#open.stream();
                this.#skipChange();
            } else {
                this.#collector = new RejectCollector(needed);
            }
        }
        if (this.#collector !== null) this.#release(index);
        else if (this.#open.streamed !== null) this.#release(needed - this.#window.base);
        return this.#pause(index);
    }

    /** From here on the change under way is only counted and hashed. */
    #skipChange(): void {
        if (this.#changeAt > this.#window.start + this.#window.base) this.#release(this.#changeAt - this.#window.base);
        this.#collector = new RejectCollector(this.#changeAt);
    }

    #takeCollector(reason: string, detail: string): RejectedBytes {
        const reject = (this.#collector as RejectCollector).finish(reason, detail);
        this.#collector = null;
        return reject;
    }

    #searchFrom(broken: Broken, index: number): number {
        // A change that was being skipped is broken: the record is.
        if (this.#collector !== null && this.#open.streamed !== null) this.#collector = null;
        this.#broken = broken;
        this.#mode = 'search';
        return index;
    }

    /** Looks for the end of a broken region. */
    #search(from: number): number {
        const { bytes, end, base } = this.#window;
        const broken = this.#broken as Broken;
        const found = nextBeginning(bytes, from, end, {
            lines: this.#lines && this.#records > 0 && this.#depth === 0,
            loose: broken.loose,
            changesAfter: broken.inList ? broken.at - base : -1,
            ended: this.#ended,
        });
        const atEnd = found.kind === 'more' && this.#ended;
        if (broken.inList && found.at + base - broken.at > MIB) {
            // Too far for one change: the record is torn.
            this.#broken = { ...broken, at: this.#open.start, inList: false };
            return found.at;
        }
        if (found.kind === 'more' && !atEnd) return this.#waitInSearch(found.at);
        if (broken.inList && found.kind === 'change') return this.#badChange(found.at, found.at);
        if (broken.inList) {
            const listEnd = closingListAt(bytes, broken.at - base, found.at, atEnd || found.kind === 'line');
            if (listEnd !== -1) return this.#badChange(listEnd, listEnd);
            this.#broken = { ...broken, at: this.#open.start, inList: false };
        }
        return this.#badRecord(found.at, atEnd);
    }

    #waitInSearch(index: number): number {
        const { base } = this.#window;
        const broken = this.#broken as Broken;
        if (broken.inList && this.#open.streamed !== null) this.#release(broken.at - base);
        if (!broken.inList && index + base - broken.from > MIB) {
            if (broken.loose && !this.#sound) throw this.#notJson(broken);
            if (this.#open.streamed === null) this.#collector ??= new RejectCollector(broken.at);
            this.#release(index - 1);
        }
        return this.#pause(index);
    }

    /** The broken region was one change; the list goes on at `next`. */
    #badChange(regionEnd: number, next: number): number {
        const { bytes, base } = this.#window;
        const { at, reason, detail } = this.#broken as Broken;
        const end = trimmedEnd(bytes, at - base, regionEnd);
        this.#open.addBadChange(rejectedBytes(bytes.subarray(at - base, end), at, reason, detail));
        this.#broken = null;
        this.#mode = 'list';
        return next;
    }

    /** The broken region was a record, or none at all. */
    #badRecord(index: number, atEnd: boolean): number {
        const { bytes, base } = this.#window;
        const { at, from, loose, reason, detail } = this.#broken as Broken;
        if (atEnd && loose && !this.#sound) throw this.#notJson(this.#broken as Broken);
        const torn = !loose && this.#open.streamed !== null;
        const end = index + base - from > MIB ? index : trimmedEnd(bytes, (torn ? from : at) - base, index);
        if (!torn) this.#collector ??= new RejectCollector(at);
        this.#release(end);
        if (torn) this.#collector = this.#open.streamed;
        this.#open.streamed = null;
        this.#broken = null;
        this.#mode = 'between';
        this.#records++;
        const reject = this.#takeCollector(reason, detail);
        this.#emit({ kind: 'bad', reject, torn, record: this.#records, change: null });
        return end;
    }

    /** At the end of the source: whether another record begins inside the unfinished one, which is broken then. */
    #searchInUnfinished(): boolean {
        const { bytes, start, end, base } = this.#window;
        const inChange = this.#mode === 'change' && this.#collector === null;
        const from = inChange ? this.#changeAt - base : this.#searchableFrom();
        if (this.#mode === 'list' || start === end) return false;
        const lines = this.#lines && this.#records > 0 && this.#depth === 0;
        const found = nextBeginning(bytes, from, end, { lines, loose: false, changesAfter: -1, ended: true });
        if (found.kind === 'more') return false;
        const reason = 'record-inside-record';
        const detail = 'The record does not end before another line or record begins.';
        this.#at = found.at + base;
        if (!inChange) this.#brokenRecord(reason, detail, from);
        else
            this.#searchFrom(
                { at: this.#changeAt, from: this.#changeAt, inList: true, loose: false, reason, detail },
                from,
            );
        return true;
    }

    #truncatedRecord(): EltError {
        const end = this.#window.end + this.#window.base;
        const { record, start, changes } = this.#open;
        const inside = this.#mode === 'list' || this.#mode === 'change' ? `, behind its change ${changes}` : '';
        return new EltError({
            code: 'SOURCE_TRUNCATED',
            message: `Cannot read "${this.#source}" further: it ends inside a record.`,
            where: `${this.#source}: record ${record} (byte ${start})`,
            found: `the end of the source at byte ${end}${inside}; expected the rest of the record`,
            next: 'Bring the whole source and run the same command again.',
        });
    }

    #truncatedArray(): EltError {
        const end = this.#window.end + this.#window.base;
        const missing = ']'.repeat(this.#depth);
        return new EltError({
            code: 'SOURCE_TRUNCATED',
            message: `Cannot read "${this.#source}" further: it ends inside an array.`,
            where: `${this.#source}: behind record ${this.#records} (byte ${end})`,
            found: `the end of the source; expected another record or "${missing}"`,
            next: 'Bring the whole source and run the same command again.',
        });
    }

    #notJson(broken: Broken): EltError {
        return new EltError({
            code: 'SOURCE_NOT_JSON',
            message: `Cannot read "${this.#source}": nothing in it is a record.`,
            where: `${this.#source} (byte ${broken.at})`,
            found: `${broken.detail} Expected JSON objects, one after the other or in an array.`,
            next: 'Give a file that wal2json wrote.',
        });
    }
}
