import { type BadFrame, type ChangeFrame, type Frame, NO_REPETITION, type Repetition } from '../../core/frame.ts';
import { RejectCollector } from '../../core/rejected-bytes.ts';
import { ScannedValues } from '../../core/scanned-values.ts';
import type { ByteWindow } from './byte-window.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type HeldFrame = Mutable<ChangeFrame> | BadFrame;

/** A list that held more than this is released. */
const HELD_ROOM = 256;

/**
 * The record that is being framed. Its frames are held back until it ends, so that a torn record becomes one bad
 * frame. Once it is longer than `heldBytesMax` at the end of a change it streams: frames are delivered as they come,
 * and its bytes need not be kept.
 *
 * Positions are places in the source. Invariant while streaming: every byte from `start` to the window's start is in
 * `streamed`.
 */
export class OpenRecord {
    record = 0;
    start = 0;
    /** Place after the list's `[` (then `]`), or -1. */
    listAt = -1;
    tailAt = -1;
    changes = 0;
    /** Set while the record streams: the bytes so far, in case it turns out to be torn. */
    streamed: RejectCollector | null = null;
    /** For a record without a list: the match. */
    repeats: Repetition | null = null;
    /** The contents of the gaps of all held changes, except where the reading thread has scanned them. */
    readonly values = new ScannedValues();
    #keyAt = -1;
    /** The first `#heldCount` elements are held; the list is reused. */
    #held: HeldFrame[] = [];
    #heldCount = 0;
    readonly #window: ByteWindow;
    readonly #heldBytesMax: number;
    readonly #emit: (frame: Frame) => void;

    constructor(window: ByteWindow, heldBytesMax: number, emit: (frame: Frame) => void) {
        this.#window = window;
        this.#heldBytesMax = heldBytesMax;
        this.#emit = emit;
    }

    begin(record: number, start: number): void {
        this.record = record;
        this.start = start;
        this.listAt = -1;
        this.tailAt = -1;
        this.changes = 0;
        this.streamed = null;
        this.repeats = null;
        this.values.truncate(0);
        this.#keyAt = -1;
        this.#forgetHeld();
    }

    openList(keyAt: number, listAt: number): void {
        this.#keyAt = keyAt;
        this.listAt = listAt;
    }

    /** A change from `start` to `end`, with the match if it repeats a skeleton. */
    addChange(start: number, end: number, match: Repetition): void {
        this.changes++;
        const { record, changes: change } = this;
        const { skeleton, values, bounds } = match;
        const source = this.#window.bytes;
        const length = end - start;
        this.#add({
            kind: 'change',
            source,
            start: 0,
            end: length,
            offset: start,
            record,
            change,
            skeleton,
            values,
            bounds,
        });
        if (end - this.start > this.#heldBytesMax) {
            this.stream();
        }
    }

    addBadChange(reject: BadFrame['reject']): void {
        this.changes++;
        this.#add({ kind: 'bad', reject, torn: false, record: this.record, change: this.changes });
    }

    /** Delivers the held frames; later ones are delivered at once. */
    stream(): void {
        if (this.streamed !== null) {
            return;
        }
        this.#emitBegin(true);
        this.#deliverHeld();
        this.#forgetHeld();
        this.values.truncate(0);
        this.streamed = new RejectCollector(this.start);
    }

    /** The record ends before `end`. */
    finish(end: number): void {
        const { record, changes } = this;
        const { bytes: source, base } = this.#window;
        if (this.listAt === -1) {
            const start = this.start - base;
            const place = { source, start, end: end - base, offset: this.start, record };
            const { skeleton, values, bounds } = this.repeats ?? NO_REPETITION;
            this.#emit({ kind: 'record', ...place, skeleton, values, bounds });
            return;
        }
        if (this.streamed === null) {
            this.#emitBegin(false);
            this.#deliverHeld();
            this.#forgetHeld();
        }
        const { tailAt } = this;
        this.#emit({ kind: 'end', source, start: tailAt - base, end: end - base, offset: tailAt, record, changes });
    }

    /** The chunk's memory will be reused: held values in it are copied. */
    keepValues(): void {
        for (const frame of this.#held.slice(0, this.#heldCount)) {
            if (frame.kind === 'change' && frame.values !== null && frame.values !== this.values) {
                const shift = this.values.copyFrom(
                    frame.values,
                    frame.bounds[0] as number,
                    frame.bounds.at(-1) as number,
                );
                frame.bounds = frame.bounds.map((bound) => bound + shift);
                frame.values = this.values;
            }
        }
    }

    #add(frame: HeldFrame): void {
        if (this.streamed === null) {
            this.#held[this.#heldCount++] = frame;
            return;
        }
        this.#deliver(frame);
        this.values.truncate(0);
    }

    #deliverHeld(): void {
        for (let index = 0; index < this.#heldCount; index++) {
            this.#deliver(this.#held[index] as HeldFrame);
        }
    }

    #forgetHeld(): void {
        this.#heldCount = 0;
        if (this.#held.length > HELD_ROOM) {
            this.#held = [];
        }
    }

    #emitBegin(streamed: boolean): void {
        const { start, record } = this;
        const { bytes: source, base } = this.#window;
        const end = this.#keyAt - base;
        this.#emit({ kind: 'begin', source, start: start - base, end, offset: start, record, streamed });
    }

    /** Delivers a held change at the present place of its bytes; the window may have moved them. */
    #deliver(frame: HeldFrame): void {
        if (frame.kind === 'change') {
            const length = frame.end - frame.start;
            frame.source = this.#window.bytes;
            frame.start = frame.offset - this.#window.base;
            frame.end = frame.start + length;
        }
        this.#emit(frame);
    }
}
