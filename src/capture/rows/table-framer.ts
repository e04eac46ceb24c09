import { LINE_FEED, OPEN_ARRAY, OPEN_OBJECT, RETURN, SPACE, TAB } from '../../core/ascii.ts';
import type { Frame } from '../../core/frame.ts';
import { Framer } from '../frame/framer.ts';
import type { FramerState } from '../frame/framing.ts';
import type { SourceEnd } from '../frame/source-end.ts';
import type { ScannedAhead } from '../skeleton/scanned-ahead.ts';
import { CsvFramer, type CsvFramerState } from './csv-framer.ts';
import { LineFramer, type LineFramerState } from './line-framer.ts';

/** Cuts a source into frames. A frame's bytes are valid only while `emit` runs. */
export interface FrameReader {
    push(chunk: Buffer, emit: (frame: Frame) => void, ahead?: ScannedAhead | null): void;
    /** `grows`: what is missing at the end may still be written; then a last line that is torn is left. */
    end(emit: (frame: Frame) => void, grows?: boolean): SourceEnd;
    /** Plain data with which framing can resume; valid while the end of a record is being delivered. */
    state(): unknown;
}

export interface TableFramerState {
    readonly kind: 'csv' | 'array' | 'lines';
    readonly state: CsvFramerState | FramerState | LineFramerState;
}

interface TableFramerOptions {
    readonly offset: number;
    readonly state: TableFramerState | null;
    readonly source: string;
    /** Null: recognised by the first byte, which also tells whether `json` is an array or lines. */
    readonly format: 'csv' | 'json' | 'jsonl' | null;
    readonly delimiter: string | null;
    readonly required: readonly string[];
    /** A longer row is put aside; undefined: as the framer of its format does. */
    readonly rowBytesMax?: number | undefined;
}

const BLANKS = new Set([SPACE, TAB, LINE_FEED, RETURN, 0xef, 0xbb, 0xbf]);

/**
 * Frames a declared source: CSV, a JSON array of objects, or one JSON object per line. Owns the framer for the format,
 * chosen by the first byte that is not blank, or as the last load of this source chose it.
 */
export class TableFramer implements FrameReader {
    readonly #options: TableFramerOptions;
    #kind: TableFramerState['kind'] | null;
    #framer: FrameReader | null = null;
    #skipped = 0;

    constructor(options: TableFramerOptions) {
        this.#options = options;
        this.#kind = options.state?.kind ?? null;
    }

    push(chunk: Buffer, emit: (frame: Frame) => void): void {
        if (this.#framer === null) {
            this.#kind ??= this.#kindOf(chunk);
            if (this.#kind === null) {
                this.#skipped += chunk.length;
                return;
            }
            this.#framer = this.#make(this.#kind);
        }
        this.#framer.push(chunk, emit);
    }

    end(emit: (frame: Frame) => void, grows = false): SourceEnd {
        return this.#framer?.end(emit, grows) ?? 'ended';
    }

    state(): TableFramerState | null {
        return this.#framer === null || this.#kind === null
            ? this.#options.state
            : { kind: this.#kind, state: this.#framer.state() as TableFramerState['state'] };
    }

    /** Null while only blanks have come. */
    #kindOf(chunk: Buffer): TableFramerState['kind'] | null {
        const { format } = this.#options;
        if (format === 'csv') {
            return 'csv';
        }
        if (format === 'jsonl') {
            return 'lines';
        }
        const first = chunk.find((byte) => !BLANKS.has(byte));
        if (first === undefined) {
            return null;
        }
        if (first === OPEN_ARRAY) {
            return 'array';
        }
        return format === 'json' || first === OPEN_OBJECT ? 'lines' : 'csv';
    }

    #make(kind: TableFramerState['kind']): FrameReader {
        const { source, delimiter, required, rowBytesMax } = this.#options;
        // Blanks before the format was known are skipped.
        const offset = this.#options.offset + this.#skipped;
        const state = this.#options.state?.state;
        if (kind === 'csv') {
            const own = state === undefined ? {} : { state: state as CsvFramerState };
            const limit = rowBytesMax === undefined ? {} : { rowBytesMax };
            return new CsvFramer({ offset, source, delimiter, required, ...limit, ...own });
        }
        if (kind === 'lines') {
            const own = state === undefined ? {} : { state: state as LineFramerState };
            return new LineFramer({
                offset,
                ...(rowBytesMax === undefined ? {} : { lineBytesMax: rowBytesMax }),
                ...own,
            });
        }
        const own = state === undefined ? {} : { state: state as FramerState };
        const limit = rowBytesMax === undefined ? {} : { changeBytesMax: rowBytesMax };
        return new Framer({ offset, source, lists: false, skeletons: false, ...limit, ...own });
    }
}
