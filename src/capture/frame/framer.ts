import type { Frame } from '../../core/frame.ts';
import type { ScannedAhead } from '../skeleton/scanned-ahead.ts';
import { search, searchInUnfinished } from './broken-regions.ts';
import { inChange, inList } from './frame-changes.ts';
import { between, inRecord } from './frame-records.ts';
import { truncatedArray, truncatedRecord } from './framer-errors.ts';
import { type FramerOptions, type FramerState, Framing, type FramingMode } from './framing.ts';
import type { SourceEnd } from './source-end.ts';

const STEPS: Readonly<Record<FramingMode, (framing: Framing, index: number) => number>> = {
    between,
    record: inRecord,
    list: inList,
    change: inChange,
    search,
};

/**
 * Cuts the bytes of a source into frames: a JSON array of records, a list of batches, or objects one after the other
 * (in lines, pretty-printed, in wal2json's chunks), in any mixture. White space and commas between records are skipped,
 * whether missing or doubled: they hold no byte of a record.
 *
 * Owns the window of bytes that are still needed. Invariant: everything before the window's start has been delivered, or
 * is in a collector of bytes that will be rejected. A crash loses nothing: the source is framed again from the last
 * stored position.
 */
export class Framer {
    readonly #framing: Framing;
    readonly #read = (): void => {
        const framing = this.#framing;
        let index = framing.at - framing.window.base;
        framing.paused = false;
        while (!framing.paused) {
            index = STEPS[framing.mode](framing, index);
        }
        framing.at = index + framing.window.base;
    };

    constructor(options: FramerOptions = {}) {
        this.#framing = new Framing(options);
    }

    /**
     * Frames what `chunk` completes. Bytes of a frame are valid only while `emit` runs. `ahead`: the reading
     * thread's matches in the chunk.
     */
    push(chunk: Buffer, emit: (frame: Frame) => void, ahead: ScannedAhead | null = null): void {
        const framing = this.#framing;
        framing.emit = emit;
        framing.useAhead(ahead);
        framing.window.feed(chunk, this.#read);
        if (ahead !== null) {
            framing.open.keepValues();
            ahead.end();
        }
    }

    /**
     * The source has ended; in a file that `grows`, a torn last line is left.
     * @throws EltError SOURCE_TRUNCATED if it ends inside a record or an array; everything before has been delivered.
     * @throws EltError SOURCE_NOT_JSON if nothing in it was a record.
     */
    end(emit: (frame: Frame) => void, grows = false): SourceEnd {
        const framing = this.#framing;
        framing.emit = emit;
        framing.ended = true;
        this.#read();
        while (framing.mode !== 'between') {
            if (framing.mode !== 'search' && !searchInUnfinished(framing)) {
                if (grows && endsInLine(framing)) {
                    return 'torn line';
                }
                throw truncatedRecord(framing);
            }
            this.#read();
        }
        if (framing.depth > 0) {
            throw truncatedArray(framing);
        }
        return 'ended';
    }

    /** The open arrays around the records; valid while the last frame of a record (or batch) is being delivered. */
    state(): FramerState {
        const { depth, batches, records, lines } = this.#framing;
        return { depth, batches, records, lines };
    }
}

/** Whether the record that has not ended is a line of a file of lines, as far as one can tell from its first one. */
function endsInLine({ onLines, records, depth, open, window }: Framing): boolean {
    if (onLines) {
        return true;
    }
    const { bytes, start, end } = window;
    return records === 0 && depth === 0 && open.streamed === null && !bytes.subarray(start, end).includes(0x0a);
}
